import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { labelOf, readDocument } from "../../fleet/read/document";
import type { Json } from "../../fleet/read/json";
import type { Read } from "../../fleet/read/json-stream";
import type { ReadPlan } from "../../fleet/read/plan-reader";
import { readPlanInPieces } from "../../fleet/read/plan-stream";
import { readPlan } from "../../fleet/read/terraform-plan";
import type { Expected } from "../../fleet/read/what-is";
import { FleetError } from "../../fleet/resource";
import { systemErrorText } from "../../kit/text/system-error";
import { capital } from "../../kit/words";
import type { Session } from "../session";

/** Longer texts do not fit into a string of Node. */
const LONGEST = 2 ** 29 - 24;
const PIECE = 2 ** 16;
/** As much as somebody types on a terminal, which is a device as well. */
const MOST_TYPED = 2 ** 20;
const MARK = [0xef, 0xbb, 0xbf] as const;

/** A plan or a state. @throws FleetError */
export async function documentIn(session: Session, file: string, expected: Expected): Promise<Json> {
  return readDocument(file === "-" ? await standardInput(session, expected) : bytesOf(file, expected), {
    file,
    expected,
  });
}

/** The snapshots of a plan. @throws FleetError */
export async function planIn(session: Session, file: string): Promise<ReadPlan> {
  const source = { file, expected: "plan" } as const;
  const what = labelOf(source);
  const whole = (content: Uint8Array | string): ReadPlan => readPlan(readDocument(content, source), what);
  if (file !== "-") return planInFile(file, what, () => whole(bytesOf(file, "plan")));
  const content = await standardInput(session, "plan");
  return typeof content === "string"
    ? whole(content)
    : inPieces(
        (into, from) => {
          const piece = content.subarray(from, from + into.length);
          into.set(piece);
          return piece.length;
        },
        what,
        content.length,
        () => whole(content),
      );
}

/**
 * The snapshots of a plan in a file.
 * @param what for messages, such as `the plan plan.json`
 * @param whole reads the file as one text, and says what is wrong with one that cannot be read in pieces
 * @throws FleetError
 */
export function planInFile(file: string, what: string, whole: () => ReadPlan): ReadPlan {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch {
    return whole();
  }
  try {
    const stats = fstatSync(fd);
    // What is no file, such as a pipe, can be read only once.
    if (stats.isFile())
      return inPieces((into, from) => readSync(fd, into, 0, into.length, from), what, stats.size, whole);
  } finally {
    closeSync(fd);
  }
  return whole();
}

/** Reads bytes from a position. Returns how many. */
type ReadAt = (into: Uint8Array, from: number) => number;

function inPieces(readAt: ReadAt, what: string, size: number, whole: () => ReadPlan): ReadPlan {
  const first = new Uint8Array(MARK.length);
  let at = readAt(first, 0) === MARK.length && MARK.every((byte, index) => first[index] === byte) ? MARK.length : 0;
  const read: Read = (into) => {
    const count = readAt(into, at);
    at += count;
    return count;
  };
  try {
    return readPlanInPieces(read, what);
  } catch (error) {
    // UTF-16, half a document, one with a member twice: there is a sentence for each, or it can be read.
    if (size <= LONGEST) return whole();
    if (error instanceof FleetError) throw error;
    throw new FleetError(
      `${what} cannot be read`,
      "It is not complete JSON in UTF-8, and it is too large to find the position of the error. Was the command that wrote it interrupted?",
    );
  }
}

async function standardInput(session: Session, expected: Expected): Promise<Uint8Array | string> {
  if (session.io.read === undefined)
    throw new FleetError(`${labelOf({ file: "-", expected })} cannot be read`, "There is no standard input.");
  return session.io.read();
}

function bytesOf(file: string, expected: Expected): Uint8Array {
  try {
    return bytesUpTo(file, LONGEST);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new FleetError(
      `${labelOf({ file, expected })} cannot be read`,
      code === "ENOENT" ? "The file does not exist." : code === "EISDIR" ? "It is a folder." : sentenceOf(error),
    );
  }
}

/** Errors of our own are sentences already. */
const sentenceOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code === undefined
    ? (error as Error).message
    : `${capital(systemErrorText(error))}.`;

/** All of a file, or of a pipe up to what fits into a text, and one byte. @throws Error for a device that does not end */
function bytesUpTo(file: string, most: number): Uint8Array {
  const fd = openSync(file, "r");
  try {
    const stats = fstatSync(fd);
    if (stats.isFile()) return readFileSync(fd);
    const device = stats.isCharacterDevice() || stats.isBlockDevice();
    const parts: Uint8Array[] = [];
    for (let length = 0; length <= most;) {
      if (device && length > MOST_TYPED) throw new Error("It is a device, not a file.");
      const part = new Uint8Array(PIECE);
      const read = readSync(fd, part, 0, Math.min(PIECE, most + 1 - length), null);
      if (read === 0) break;
      parts.push(part.subarray(0, read));
      length += read;
    }
    return Buffer.concat(parts);
  } finally {
    closeSync(fd);
  }
}
