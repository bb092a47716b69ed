import { resolve } from "node:path";
import { parse } from "shell-quote";
import { nothingWritten, planSnapshot, validatePrepared, validateWritten } from "../../snapshot";
import type { Notice, Written } from "../../snapshot/record";
import { lowerCase } from "../../snapshot/tool-words";
import { SourceError } from "../../source/prepare";
import { printObjects, printWarning } from "../output/print";
import { exitCodes } from "../io";
import { cliWords } from "../words";
import { type CommonFlags, type Session, Stop, usage } from "../session";

export interface CreateFlags extends CommonFlags {
  image?: string;
  dockerfile?: string;
  context?: string[];
  contextDir?: string;
  buildArg?: string[];
  target?: string;
  localImage?: string;
  entrypoint?: string;
  cpu?: number;
  memory?: number;
  disk?: number;
  gpu?: number;
  gpuType?: string[];
  region?: string;
  sandboxClass?: string;
  ifNotExists?: boolean;
}

/** `daytona-iac snapshot create`, and `push` with `localImage`. Ends when the snapshot is active. */
export async function createSnapshot(session: Session, name: string, flags: CreateFlags): Promise<number> {
  const written = writtenOf(name, flags);
  refuse(validateWritten(written, "cli"));
  const context = session.context();
  const doing = `creating snapshot "${name}"`;
  let prepared;
  try {
    prepared = await session.sources.prepare(written, cliWords.attribute, session.signal);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new Stop({ ...error.notice, summary: `${doing}: ${lowerCase(error.notice.summary)}` });
  }
  const ready: Written = prepared === null ? written : { ...written, prepared: prepared.source };
  refuse(validatePrepared(ready, "cli"));
  const plan = planSnapshot({ prior: null, marks: {}, written: ready, providerRegion: session.connection.region, words: cliWords, sourceWarnings: prepared?.warnings ?? [] });
  for (const warning of plan.warnings) printWarning(session.io, warning);
  const outcome = await session.connection.lifecycle.create(plan.planned, context);
  session.judge(outcome);
  const { id = "", state } = outcome.record ?? {};
  if (session.format !== "table") printObjects(session.io, [await session.find(id, doing)], session.format);
  else if (context.wait === false) session.io.out(`Snapshot "${name}" is being created: ${state}.\nID: ${id}\n`);
  else session.io.out(`Snapshot "${name}" is ${state}.\nID: ${id}\n`);
  return exitCodes.ok;
}

/** @throws Stop with every message, as wrong usage */
function refuse([first, ...others]: readonly Notice[]): void {
  if (first === undefined) return;
  throw usage(first.summary, [first.detail, ...others.map(({ summary, detail }) => `${summary}: ${detail}`)].join("\n"));
}

function writtenOf(name: string, flags: CreateFlags): Written {
  const { image, dockerfile, context, contextDir, buildArg, entrypoint, gpuType, localImage } = flags;
  if (image !== undefined && (dockerfile !== undefined || context !== undefined)) throw usage("--image cannot be combined with --dockerfile or --context", "An image is used as it is. Remove one of the flags.");
  if (entrypoint !== undefined && (dockerfile !== undefined || context !== undefined)) throw usage("--entrypoint cannot be combined with --dockerfile or --context", "A Dockerfile defines its own entrypoint. Use ENTRYPOINT in the Dockerfile.");
  if (image === undefined && dockerfile === undefined && localImage === undefined) throw usage("one of --image, --dockerfile and --local-image is required");
  return {
    ...nothingWritten(),
    name,
    image: image ?? null,
    dockerfile: dockerfile ?? null,
    localImage: localImage ?? null,
    // As in the official command line, the paths start from the working folder.
    contextDir: contextDir ?? (context === undefined ? null : "."),
    context: context?.map((path) => resolve(path)) ?? null,
    buildArgs: buildArg === undefined ? null : Object.fromEntries(buildArg.map(buildArgOf)),
    target: flags.target ?? null,
    entrypoint: entrypoint === undefined ? null : words(entrypoint),
    cpu: flags.cpu ?? null,
    memory: flags.memory ?? null,
    disk: flags.disk ?? null,
    gpu: flags.gpu ?? null,
    gpuTypes: gpuType ?? null,
    region: flags.region ?? null,
    sandboxClass: flags.sandboxClass ?? null,
    adoptExisting: flags.ifNotExists === true,
  };
}

/** Splits a command as a shell does. Variables are the container's, and stay. */
function words(entrypoint: string): string[] {
  return parse(entrypoint, (name) => `$${name}`).map((word) => {
    if (typeof word === "string") return word;
    if ("pattern" in word) return word.pattern;
    const operator = "op" in word ? word.op : "#";
    throw usage(`--entrypoint has "${operator}" outside of quotes`, "The command is not run by a shell. For one, use --entrypoint 'sh -c \"…\"'.");
  });
}

/** `NAME=VALUE`; without a value, that of the environment, as in `docker build`. */
function buildArgOf(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  const value = process.env[text];
  if (at === 0 || value === undefined) throw usage(`--build-arg ${text} has no value`, at === 0 ? "Write NAME=VALUE." : `Write ${text}=VALUE, or set ${text} in the environment.`);
  return [text, value];
}
