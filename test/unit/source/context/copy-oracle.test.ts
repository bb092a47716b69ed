import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { hasWildcards } from "../../../../provider/source/ignore/file-match";
import { numbers } from "../ignore/cases";
import { emptyFolder, onDisk, read, type Content } from "./tree-on-disk";

interface Case {
  /** Empty for a file, whose content is its path; else what the link points to. */
  files: Record<string, string>;
  ignore: string;
  path: string;
  exclude: string[];
  parents: boolean;
}
interface Answer {
  error?: string;
  /** Contents of the files copied, sorted; `-> target` for a link. */
  files: string[];
}

const source = join(__dirname, "../../../oracles/context");
const program = join(emptyFolder(), "oracle");

/** Whether BuildKit's own copying can be had here: Go is installed and its module cache or proxy has it. */
function build(): boolean {
  try {
    execFileSync("go", ["build", "-o", program, "."], { cwd: source, stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

function generate(seed: number, count: number): Case[] {
  const below = numbers(seed);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const list = <T>(least: number, most: number, make: () => T): T[] =>
    Array.from({ length: least + below(most - least + 1) }, make);
  const name = (): string => pick(["a", "b", "c", "ab", "a.x", "b.x", ".h", "[a]", "é"]);
  const piece = (): string =>
    pick(["a", "b", "c", "ab", "*", "**", "?", "a*", "*.x", "[a-c]", "[[]a]", ".h", "é", "[^a]"]);
  const path = (make: () => string, most: number): string => list(1, most, make).join("/");
  return Array.from({ length: count }, () => {
    const files: Record<string, string> = {};
    for (const file of list(2, 10, () => path(name, 4))) {
      if (
        !Object.keys(files).some(
          (other) => other.startsWith(`${file}/`) || file.startsWith(`${other}/`) || other === file,
        )
      )
        files[file] = "";
    }
    if (below(4) === 0)
      files["link"] = pick([path(name, 2), Object.keys(files)[0]!, Object.keys(files)[0]!.split("/")[0]!]);
    const parents = below(3) === 0;
    const written = (): string =>
      below(3) === 0
        ? path(name, 3)
        : below(2) === 0
          ? Object.keys(files)
              [below(Object.keys(files).length)]!.split("/")
              .slice(0, 1 + below(3))
              .join("/")
          : path(piece, 3);
    const plain =
      below(8) === 0 ? "." : below(6) === 0 && "link" in files ? `link${pick(["", "/*", "/a", "/b/c"])}` : written();
    return {
      files,
      ignore: list(0, 4, () => `${below(3) === 0 ? "!" : ""}${path(piece, 3)}`).join("\n"),
      path: `${pick(["", "", "", "/", "./"])}${parents && below(3) === 0 ? `${written()}/./${path(piece, 2)}` : plain}${below(9) === 0 ? "/" : ""}`,
      exclude: below(3) === 0 ? list(1, 3, () => `${below(4) === 0 ? "!" : ""}${path(piece, 2)}`) : [],
      parents,
    };
  });
}

async function ours({ files, ignore, path, exclude, parents }: Case): Promise<Answer> {
  const root = onDisk({
    ...Object.fromEntries(
      Object.entries(files).map(([at, link]): [string, Content] => [at, link === "" ? at : { link }]),
    ),
    ".dockerignore": ignore,
  });
  const contents = new Map(Object.keys(files).map((at) => [createHash("sha256").update(at).digest("hex"), at]));
  try {
    const found = await read(root, [
      {
        line: 1,
        instruction: "COPY",
        kind: "copy",
        paths: [path],
        exclude,
        parents,
        wildcards: true,
        required: !hasWildcards(path),
      },
    ]);
    const missing = found.warnings.find(
      (warning) => warning.includes("does not exist") || warning.includes("is not in the build context"),
    );
    if (missing !== undefined) return { error: missing, files: [] };
    return { files: found.files.map(({ sha256 }) => contents.get(sha256)!).sort() };
  } catch (error) {
    return { error: (error as Error).message, files: [] };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function ask(cases: readonly Case[]): Answer[] {
  const out = execFileSync(program, {
    input: cases.map((asked) => JSON.stringify(asked)).join("\n"),
    maxBuffer: 2 ** 28,
  });
  const answers = out
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Answer);
  expect(answers).toHaveLength(cases.length);
  return answers;
}

// COPY_ORACLE_CASES=20000 compares as many as that.
const there = build();
(there ? test : test.skip)(
  `BuildKit's own copying takes the same files${there ? "" : " (skipped: no Go, or its modules cannot be had)"}`,
  async () => {
    const cases = generate(
      Number(process.env["COPY_ORACLE_SEED"] ?? 1),
      Number(process.env["COPY_ORACLE_CASES"] ?? 400),
    );
    const answers = ask(cases);
    const differences: unknown[] = [];
    const refused: Case[] = [];
    let compared = 0;
    for (const [index, asked] of cases.entries()) {
      const theirs = answers[index]!;
      // Versions of BuildKit differ there: some copy nothing, so all that any could copy is sent.
      if (asked.parents && /^[./]*$/.test(asked.path.split("/./").at(-1)!)) continue;
      // A link in a folder stays a link there, and is replaced here.
      if (theirs.files?.some((file) => file.startsWith("-> "))) continue;
      const mine = await ours(asked);
      compared++;
      // From the whole folder nothing is copied, and nothing of it is sent: it is the builder that has to fail at what it gets.
      if (theirs.files?.length === 0 && mine.error !== undefined) {
        refused.push(asked);
        continue;
      }
      const same =
        theirs.error === undefined
          ? mine.error === undefined &&
            JSON.stringify([...new Set(theirs.files)]) === JSON.stringify([...new Set(mine.files)])
          : mine.error !== undefined;
      if (!same) differences.push({ asked, buildkit: theirs, ours: mine });
    }
    expect(differences.slice(0, 4)).toEqual([]);
    expect(refused.length).toBeGreaterThan(cases.length / 40);
    const sent = ask(refused.map((asked) => ({ ...asked, files: {}, ignore: "" })));
    expect(refused.filter((_, index) => sent[index]!.error === undefined)).toEqual([]);
    expect(compared).toBeGreaterThan(cases.length / 2);
  },
  600_000,
);
