import type { ContextSource } from "../context-source";
import { at, inOneLine, SyntaxProblem } from "./text/error";
import { evaluate, type Copied } from "./copies";
import { cleaned, hasWildcards, pivoted } from "./paths";
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
  const found = new Map<string, ContextSource & { paths: string[] }>();
  const numbers = new Map<unknown, number>();
  for (const [i, one] of copied.entries()) {
    if (one.kind !== "bind" && isRemote(one.source)) {
      if (one.kind === "copy") at(one.command.place, () => { throw new SyntaxProblem(`COPY cannot take ${one.source} from the network: use ADD`); });
      continue;
    }
    const { parents, wildcards, path } = read(one);
    if (!numbers.has(one.command)) numbers.set(one.command, numbers.size);
    const key = `${numbers.get(one.command)} ${one.kind === "bind" ? i : wildcards}`;
    const before = found.get(key);
    if (before) {
      if (!before.paths.includes(path)) before.paths.push(path);
      continue;
    }
    const { line, text } = one.command.place;
    found.set(key, { line, instruction: inOneLine(text), kind: one.kind, paths: [path], exclude: one.exclude, parents, wildcards, required: !wildcards && !parents });
  }
  return [...found.values()];
}

function read({ kind, source, parents }: Copied): { path: string; parents: boolean; wildcards: boolean } {
  const path = parents ? pivoted(source) : cleaned(source);
  return { path, parents, wildcards: kind !== "bind" && hasWildcards(path) };
}
