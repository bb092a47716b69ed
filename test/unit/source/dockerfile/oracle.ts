import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ContextSource } from "../../../../provider/source/context-source";

export interface Question {
  readonly dockerfile: string;
  readonly buildArgs?: Record<string, string> | undefined;
  readonly target?: string | undefined;
  readonly imageEnv?: readonly string[];
}

export interface Read {
  readonly line: number;
  readonly kind: string;
  readonly path: string;
  readonly exclude: readonly string[];
  readonly parents: boolean;
}

export interface Answer {
  readonly error?: string;
  readonly reads?: readonly Read[];
  /** Environments of the RUN steps. */
  readonly runs?: readonly string[];
}

export const hasGo = spawnSync("go", ["version"]).status === 0;

/** BuildKit's Dockerfile frontend, built once into the user's cache. */
export function buildOracle(): (questions: readonly Question[]) => Answer[] {
  const folder = join(homedir(), ".cache/daytona-iac/tools");
  mkdirSync(folder, { recursive: true });
  const oracle = join(folder, `dockerfile-sources-${process.pid}`);
  execFileSync("go", ["build", "-tags", "dfparents", "-o", oracle, "."], {
    cwd: join(__dirname, "../../../oracles/dockerfile-sources"),
    stdio: "pipe",
  });
  return (questions) =>
    JSON.parse(execFileSync(oracle, { input: JSON.stringify(questions), maxBuffer: 1 << 28 }).toString());
}

/** What is read, without lines: the graph has two equal operations once. */
export function reads(list: readonly Read[]): string[] {
  return [
    ...new Set(list.map(({ kind, path, exclude, parents }) => JSON.stringify({ kind, path, exclude, parents }))),
  ].sort();
}

/** The same with lines, of those of which the graph knows one. */
export function lines(list: readonly Read[]): string[] {
  return [
    ...new Set(list.filter(({ line }) => line > 0).map(({ line, kind, path }) => `${line} ${kind} ${path}`)),
  ].sort();
}

export function ours(sources: readonly ContextSource[]): (Read & { onbuild: boolean })[] {
  return sources.flatMap(({ line, kind, paths, exclude, parents, instruction }) =>
    paths.map((path) => ({
      line,
      kind: kind === "bind" ? "bind" : "copy",
      path,
      exclude,
      parents,
      onbuild: /^onbuild/i.test(instruction),
    })),
  );
}
