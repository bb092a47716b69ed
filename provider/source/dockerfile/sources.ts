import type { ContextSource } from "../context-source";
import { at, inOneLine, SyntaxProblem, TooMuch } from "./error";
import { evaluate, type Copied } from "./copies";
import { cleaned, climbs, hasWildcards, pivoted } from "./paths";
import { isRemote } from "./remote";
import type { Build } from "./build";
import type { BuildArgs } from "./variables/stage-variables";

/**
 * One a COPY, ADD or mount; an instruction with patterns beside plain paths is two. Paths are cleaned, "" is the whole context. With `parents` the pivot
 * stays in the path (`a/./b`). The line of an ONBUILD that a later stage triggers is its own.
 * @throws DockerfileError for the first that is wrong or cannot be known
 */
export function sourcesOf(build: Build, buildArgs: BuildArgs): ContextSource[] {
  const { copied, problems } = evaluate(build, buildArgs);
  if (problems[0]) throw problems[0];
  const found = new Map<string, ContextSource & { paths: string[]; climbing?: Map<string, string> }>();
  const taken = new Set<string>();
  const numbers = new Map<unknown, number>();
  for (const [i, one] of copied.entries()) {
    if (one.kind !== "bind" && isRemote(one.source)) {
      if (one.kind === "copy")
        at(one.command.place, () => {
          throw new SyntaxProblem(`COPY cannot take ${one.source} from the network: use ADD`);
        });
      continue;
    }
    const { parents, wildcards, path } = read(one);
    if (!numbers.has(one.command)) numbers.set(one.command, numbers.size);
    const key = `${numbers.get(one.command)} ${one.kind === "bind" ? i : wildcards}`;
    if (taken.has(`${key} ${path}`)) continue;
    taken.add(`${key} ${path}`);
    at(one.command.place, () => refuseTooMuch(path, taken.size));
    const before = found.get(key);
    if (before) {
      before.paths.push(path);
      if (climbs(one.source)) (before.climbing ??= new Map()).set(path, one.source);
      continue;
    }
    const { line, text } = one.command.place;
    found.set(key, {
      line,
      instruction: inOneLine(text),
      kind: one.kind,
      paths: [path],
      ...(climbs(one.source) ? { climbing: new Map([[path, one.source]]) } : {}),
      exclude: one.exclude,
      parents,
      wildcards,
      required: !wildcards,
    });
  }
  return [...found.values()];
}

/** Linux opens no longer path. */
const LONGEST_PATH = 4096;
/** For each of them the context is looked through. */
const MOST_PATHS = 10_000;

function refuseTooMuch(path: string, count: number): void {
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new TooMuch(`a path is longer than ${LONGEST_PATH} bytes, the longest that Linux can open.`);
  if (count > MOST_PATHS)
    throw new TooMuch(
      `the file uses more than ${MOST_PATHS} paths from the build context. Copy folders instead of single files.`,
    );
}

function read({ kind, source, parents }: Copied): { path: string; parents: boolean; wildcards: boolean } {
  const path = parents ? pivoted(source) : cleaned(source);
  return { path, parents, wildcards: kind !== "bind" && hasWildcards(path) };
}
