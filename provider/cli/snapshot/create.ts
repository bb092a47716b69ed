import { resolve } from "node:path";
import { parse } from "shell-quote";
import { planFor, type Wrong } from "../../lifecycle/plan-for";
import { nothingWritten } from "../../resources/snapshot";
import type { InputOf } from "../../resources/snapshot/attributes";
import { snapshotDefinition } from "../../resources/snapshot/definition";
import type { SnapshotInputs, Written } from "../../resources/snapshot/record";
import { lowerCase, type ToolWords } from "../../kit/words";
import { printObject, printWarning } from "../output/print";
import { exitCodes } from "../io";
import { cliWords, replacingWords, wordsFor } from "../words";
import { type CommonFlags, type Session, Stop, usage, usageOf } from "../session";
import { sayDigest } from "./digest";
import { replacedText } from "./replace";

export interface CreateFlags extends CommonFlags {
  image?: string;
  pin?: boolean;
  dockerfile?: string;
  context?: string[];
  contextDir?: string;
  buildArg?: string[];
  target?: string;
  localImage?: string;
  fromSandbox?: string;
  includeMemory?: boolean;
  entrypoint?: string;
  cpu?: number;
  memory?: number;
  disk?: number;
  gpu?: number;
  gpuType?: string[];
  region?: string;
  sandboxClass?: string;
  ifNotExists?: boolean;
  /** Replaces the snapshot that has the name, if it differs. */
  replace?: boolean;
}

/**
 * `daytona-iac snapshot create`, `replace`, and `push` with `localImage`. Ends when the snapshot is active.
 * @param of words of the command; default: those of `create` @param command as it is typed, for messages
 */
export async function createSnapshot(
  session: Session,
  name: string,
  flags: CreateFlags,
  of: ToolWords = cliWords,
  command = "daytona-iac snapshot create --replace",
): Promise<number> {
  const { sources, signal } = session;
  if (flags.replace) refuseHalfReplaces(flags);
  const words = flags.replace ? replacingWords(of, command) : wordsFor(of, name);
  const written = writtenOf(name, flags, session.io.env);
  const context = { ...session.context(), words };
  const doing = `${flags.replace ? "replacing" : "creating"} snapshot "${name}"`;
  const { plan, wrong } = await planFor(snapshotDefinition, {
    prior: null,
    marks: {},
    written,
    providerRegion: () => session.connection.region,
    face: "cli",
    words,
    sources,
    images: session.connection.images,
    signal,
    log: context.log,
  });
  if (plan === null) throw stopOf(doing, wrong);
  await sayDigest(session, plan.planned, doing);
  for (const warning of plan.warnings) printWarning(session.io, warning);
  const { lifecycle } = session.connection;
  const replaced = flags.replace ? await lifecycle.replace(plan.planned, context) : null;
  const outcome = replaced ?? (await lifecycle.create(plan.planned, context));
  session.judge(outcome);
  const { id = "", state = "" } = outcome.record ?? {};
  if (replaced !== null)
    return tell(session, id, doing, replacedText(replaced.did, name, plan.planned), replaced.did === "same");
  return tell(session, id, doing, createdText(name, state, context.wait !== false));
}

function createdText(name: string, state: string | null, waited: boolean): string {
  return `Snapshot "${name}" is ${waited || state === "active" ? "" : "being created: "}${state}.`;
}

/** Prints the snapshot that a command has made. @param also whether to say it beside an object, which does not tell */
async function tell(session: Session, id: string, doing: string, done: string, also = false): Promise<number> {
  if (session.format === "table") session.say(`${done}\nID: ${id}\n`);
  else {
    printObject(session.io, await session.find(id, doing), session.format);
    if (also && session.flags.quiet !== true) session.io.err(`${done}\n`);
  }
  return exitCodes.ok;
}

/** @throws Stop for wrong usage */
function refuseHalfReplaces({ wait, ifNotExists, fromSandbox }: CreateFlags): void {
  // Whether the sandbox has changed is not known, so nothing tells whether the snapshot is what the flags say.
  if (fromSandbox !== undefined)
    throw usage(
      "--replace cannot be combined with --from-sandbox",
      "Delete the snapshot first, or choose another name.",
    );
  if (wait === false)
    throw usage(
      "--no-wait cannot be combined with replacing a snapshot",
      "The old snapshot is deleted only once the new one is active, so the command has to wait for it. Remove --no-wait.",
    );
  if (ifNotExists === true)
    throw usage(
      "--if-not-exists cannot be combined with --replace",
      "--replace keeps an identical snapshot, and replaces one that differs. Remove --if-not-exists.",
    );
}

/** Every message, as wrong usage; a source that cannot be read is none. */
function stopOf(doing: string, { what, notices: [first, ...others] }: Wrong): Stop {
  if (what === "source") return new Stop({ ...first, summary: `${doing}: ${lowerCase(first.summary)}` });
  return usageOf([first, ...others]);
}

/** What the flags write. @throws Stop for wrong usage */
export function writtenOf(name: string, flags: CreateFlags, env: NodeJS.ProcessEnv): Written {
  const { image, dockerfile, context, entrypoint, localImage } = flags;
  if (image !== undefined && (dockerfile !== undefined || context !== undefined))
    throw usage(
      "--image cannot be combined with --dockerfile or --context",
      "An image is used as it is. Remove one of the flags.",
    );
  if (entrypoint !== undefined && (dockerfile !== undefined || context !== undefined))
    throw usage(
      "--entrypoint cannot be combined with --dockerfile or --context",
      "A Dockerfile defines its own entrypoint. Use ENTRYPOINT in the Dockerfile.",
    );
  if ([image, dockerfile, localImage, flags.fromSandbox].every((source) => source === undefined))
    throw usage("one of --image, --dockerfile, --local-image and --from-sandbox is required");
  const inputs = Object.fromEntries(
    Object.entries(FLAGS).map(([input, read]) => [input, read(flags, env) ?? null]),
  ) as Pick<SnapshotInputs, InputOf<"cli">>;
  return { ...nothingWritten(), ...inputs, name, adoptExisting: flags.ifNotExists === true };
}

/** How flags write the inputs of a snapshot. */
const FLAGS: {
  [Name in InputOf<"cli">]: (flags: CreateFlags, env: NodeJS.ProcessEnv) => SnapshotInputs[Name] | undefined;
} = {
  image: ({ image }) => image,
  pinDigest: ({ pin }) => pin,
  dockerfile: ({ dockerfile }) => dockerfile,
  localImage: ({ localImage }) => localImage,
  sourceSandbox: ({ fromSandbox }) => fromSandbox,
  includeMemory: ({ includeMemory }) => includeMemory,
  // As in the official command line, the paths start from the working folder.
  contextDir: ({ contextDir, context }) => contextDir ?? (context === undefined ? null : "."),
  context: ({ context }) => context?.map((path) => resolve(path)),
  buildArgs: ({ buildArg }, env) => buildArg && Object.fromEntries(buildArg.map((text) => buildArgOf(text, env))),
  target: ({ target }) => target,
  entrypoint: ({ entrypoint }) => (entrypoint === undefined ? null : words(entrypoint)),
  cpu: ({ cpu }) => cpu,
  memory: ({ memory }) => memory,
  disk: ({ disk }) => disk,
  gpu: ({ gpu }) => gpu,
  gpuTypes: ({ gpuType }) => gpuType,
  region: ({ region }) => region,
  sandboxClass: ({ sandboxClass }) => sandboxClass,
};

/** Splits a command as a shell does. Variables are the container's, and stay. */
function words(entrypoint: string): string[] {
  return parse(entrypoint, (name) => `$${name}`).map((word) => {
    if (typeof word === "string") return word;
    if ("pattern" in word) return word.pattern;
    const operator = "op" in word ? word.op : "#";
    throw usage(
      `--entrypoint contains "${operator}" outside of quotes`,
      "The command does not run in a shell. To use one, pass --entrypoint 'sh -c \"…\"'.",
    );
  });
}

/** `NAME=VALUE`; without a value, that of the environment, as in `docker build`. */
function buildArgOf(text: string, env: NodeJS.ProcessEnv): [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  const value = env[text];
  if (at === 0 || value === undefined)
    throw usage(
      `--build-arg ${text} has no value`,
      at === 0 ? "Write NAME=VALUE." : `Write ${text}=VALUE, or set ${text} in the environment.`,
    );
  return [text, value];
}
