import { randomBytes } from "node:crypto";
import { existsSync, linkSync, lstatSync, mkdirSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { systemErrorText } from "../../kit/text/system-error";
import { capital } from "../../kit/words";
import { Stop } from "../session";

export interface NewFile {
  readonly file: string;
  readonly text: string;
}

/** Whether anything is at a path, a dangling link included. */
function isTaken(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Writing it says why.
    return false;
  }
}

/** @throws Stop for a file that exists: what somebody wrote is not lost */
export function assertNew(files: readonly string[]): void {
  for (const file of files) if (isTaken(file)) throw failure(file, "EEXIST", "");
}

/**
 * Writes files that do not exist yet, all or none: each is written wholly beside its place first, so that a full disk leaves nothing behind. A
 * missing folder is made.
 * @throws Stop
 */
export function writeNew(files: readonly NewFile[]): void {
  assertNew(files.map(({ file }) => file));
  const parts = files.map(({ file, text }) => ({
    file,
    text,
    part: join(dirname(resolve(file)), `.${basename(file)}.${randomBytes(6).toString("hex")}.part`),
  }));
  const placed: string[] = [];
  let current = files[0]?.file ?? "";
  try {
    for (const { file, text, part } of parts) {
      current = file;
      makeFolder(dirname(part));
      writeFileSync(part, text, { flag: "wx", flush: true });
    }
    for (const { file, part } of parts) {
      current = file;
      place(part, file);
      placed.push(file);
    }
  } catch (error) {
    placed.forEach(remove);
    const { code, message } = error as NodeJS.ErrnoException;
    throw failure(current, code, message);
  } finally {
    parts.forEach(({ part }) => remove(part));
  }
}

/** A file in the way is no folder, whatever the system calls it. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") (error as NodeJS.ErrnoException).code = "ENOTDIR";
    throw error;
  }
}

/** Whether or not it is there. */
function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never made, or nobody can remove it; the error that led here is the one to tell.
  }
}

/** A link fails where a file is, a rename would replace it. Some file systems have no links. */
function place(part: string, file: string): void {
  try {
    linkSync(part, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" || existsSync(file)) throw error;
    renameSync(part, file);
  }
}

function failure(file: string, code: string | undefined, message: string): Stop {
  const folder = dirname(file);
  const why: Record<string, string> = {
    EEXIST: "It already exists. Choose another file, or move it away.",
    ENOTDIR: `${folder} is not a folder. Choose another one.`,
    EACCES: `${folder} cannot be written to. Choose another folder, or change its permissions.`,
    EROFS: `${folder} is on a read-only file system. Choose another folder.`,
    ENOSPC: "The disk is full. Nothing was written.",
    EDQUOT: "Your disk quota is full. Nothing was written.",
  };
  return new Stop({
    summary: `${file} cannot be written`,
    detail: why[code ?? ""] ?? `${capital(systemErrorText({ code, message }))}.`,
  });
}
