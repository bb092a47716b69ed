import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  readContext,
  type ContextDeps,
  type ContextInput,
  type ReadContext,
} from "../../../../provider/source/context/read-context";
import type { ContextSource } from "../../../../provider/source/context-source";

/** What lies at a path: content; content of an executable file; a link; an empty folder. */
export type Content = string | Buffer | { run: string } | { link: string } | { folder: true };

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

export function emptyFolder(): string {
  const root = mkdtempSync(join(tmpdir(), "context-"));
  made.push(root);
  return root;
}

/** A tree in a folder of its own. */
export function onDisk(tree: Record<string, Content>): string {
  const root = emptyFolder();
  for (const [path, content] of Object.entries(tree)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (typeof content === "string" || Buffer.isBuffer(content)) writeFileSync(file, content, { mode: 0o644 });
    else if ("run" in content) {
      writeFileSync(file, content.run);
      chmodSync(file, 0o755);
    } else if ("link" in content) symlinkSync(content.link, file);
    else mkdirSync(file, { recursive: true });
  }
  return root;
}

export const copy = (...paths: string[]): ContextSource => ({
  line: 2,
  instruction: "COPY",
  kind: "copy",
  paths,
  exclude: [],
  parents: false,
  wildcards: true,
  required: true,
});

export const deps: ContextDeps = { now: Date.now };

export function read(
  root: string,
  sources: readonly ContextSource[],
  input: Partial<ContextInput> = {},
  more: Partial<ContextDeps> = {},
): Promise<ReadContext> {
  return readContext({ contextDir: root, dockerfileText: "FROM a:1\n", sources, ...input }, { ...deps, ...more });
}

/** The paths that are sent, sorted. */
export async function paths(
  root: string,
  sources: readonly ContextSource[],
  input: Partial<ContextInput> = {},
): Promise<string[]> {
  return (await read(root, sources, input)).files.map(({ path }) => path);
}

/** The problems that are reported. */
export async function problems(
  root: string,
  sources: readonly ContextSource[],
  input: Partial<ContextInput> = {},
): Promise<string[]> {
  const error: unknown = await read(root, sources, input).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return (error as { problems: string[] } | undefined)?.problems ?? [`no problem, but ${String(error)}`];
}
