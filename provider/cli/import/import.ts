import { tellOfUnused, whatExists } from "../filters";
import { counted } from "../../kit/text/numbers";
import { dirname, join, resolve } from "node:path";
import { hclProgram } from "../../fleet/code/hcl";
import { type CodeSnapshot, type LeftOut, programFor, type Target } from "../../fleet/code/model";
import { importFile, pulumiYaml } from "../../fleet/code/pulumi-yaml";
import { pulumiPython } from "../../fleet/code/python";
import { cdktfProgram, pulumiTypeScript } from "../../fleet/code/typescript";
import { Managed } from "../../fleet/read/managed";
import { assertOrganization } from "../../fleet/organization";
import { glob } from "../../fleet/ignore";
import type { SnapshotDto } from "../../lifecycle";
import { snakeCase } from "../../kit/attribute";
import { stateOf } from "../drift/sources";
import { exitCodes } from "../io";
import { assertNew, writeNew } from "../output/new-files";
import { printObject } from "../output/print";
import { shellWord } from "../shell-words";
import { type CommonFlags, type Session, Stop, usage } from "../session";
import { PROVIDER_LINE, PROVIDERS, type TerraformFolder, terraformFolder } from "./terraform-folder";

export interface ImportFlags extends CommonFlags {
  to: Target;
  all?: boolean;
  filter?: string[];
  state?: string[];
  output?: string;
  importFile?: string;
}

/** The snapshots that were asked for. */
interface Found {
  /** Those to write code for. */
  readonly snapshots: SnapshotDto[];
  readonly leftOut: readonly LeftOut[];
  /** How many there are, managed ones included. */
  readonly matched: number;
  /** Names of all that were looked at. */
  readonly existing: readonly string[];
}

const WRITERS: Record<Target, (snapshots: readonly CodeSnapshot[]) => string> = {
  terraform: hclProgram,
  cdktf: (snapshots) => cdktfProgram(snapshots, "cdktf"),
  cdktn: (snapshots) => cdktfProgram(snapshots, "cdktn"),
  "pulumi-typescript": pulumiTypeScript,
  "pulumi-python": pulumiPython,
  "pulumi-yaml": pulumiYaml,
};

/** `daytona-iac import`. Reads only. */
export async function importSnapshots(session: Session, names: readonly string[], flags: ImportFlags): Promise<number> {
  checkSelection(names, flags);
  if (session.format !== "table" && flags.output === undefined)
    throw usage(
      `--format ${session.format} requires --output`,
      "Without --output, the code is written to standard output, where the object would be.",
    );
  const beside = importFileFor(flags);
  assertNew([flags.output, beside].filter((file): file is string => file !== undefined && file !== null));

  const found = await findUnmanaged(session, names, flags);
  const spell = flags.to === "terraform" || flags.to === "pulumi-python" ? snakeCase : (name: string): string => name;
  const { snapshots, leftOut } = programFor(found.snapshots, spell);
  session.reporter.stop();
  if (session.format === "table") for (const { name, why } of leftOut) session.io.err(`Skipped: "${name}": ${why}.\n`);
  if (snapshots.length === 0)
    throw new Stop({
      summary: "there is nothing to import",
      detail:
        found.snapshots.length === 0
          ? nothingIn(found, flags)
          : `All matching snapshots were skipped.${session.format === "table" ? "" : leftOut.map(({ name, why }) => `\n"${name}": ${why}.`).join("")}`,
    });

  const folder = writeProgram(session, snapshots, flags, beside);
  if (session.format === "table")
    session.io.err(`${counted(snapshots.length, "snapshot")}. ${next(flags, beside, folder)}\n`);
  else
    printObject(
      session.io,
      {
        files: [flags.output, beside].filter((file) => file !== undefined && file !== null),
        snapshots: snapshots.map(({ name, id }) => ({ name, id })),
        leftOut: [...found.leftOut, ...leftOut],
        next: next(flags, beside, folder),
      },
      session.format,
    );
  return exitCodes.ok;
}

/** @throws Stop unless the arguments say which snapshots to import, in one way */
function checkSelection(names: readonly string[], { all, filter }: ImportFlags): void {
  if (names.length > 0 && (all === true || filter !== undefined))
    throw usage("names cannot be combined with --all or --filter", "Remove one of them.");
  if (names.length === 0 && all !== true && filter === undefined)
    throw usage("nothing to import", "Specify snapshots, or use --all or --filter.");
}

/** The file that `pulumi import` reads; null: the program imports by itself. @throws Stop for flags that do not fit the program */
function importFileFor({ to, output, importFile: given }: ImportFlags): string | null {
  if (!to.startsWith("pulumi-")) {
    if (given !== undefined)
      throw usage("--import-file is for Pulumi", `Remove it: the generated code for ${to} contains its imports.`);
    return null;
  }
  if (output === undefined && given === undefined)
    throw usage("a Pulumi program needs an import file next to it", "Set --output, or --import-file.");
  const beside = given ?? join(dirname(output!), "import.json");
  if (output !== undefined && resolve(beside) === resolve(output))
    throw usage("--output and --import-file are the same file", "Choose another one.");
  return beside;
}

/** The selected snapshots that the given states do not have, and those that are left out because a state only refers to them. */
async function findUnmanaged(session: Session, names: readonly string[], flags: ImportFlags): Promise<Found> {
  const states = [];
  for (const file of flags.state ?? []) states.push(await stateOf(session, file));
  const managed = Managed.of(states);
  const { found: all, existing } = await selected(session, names, flags);
  await assertOrganization(states, all, session.connection, session.signal);
  const leftOut = all
    .filter((dto) => managed.has(dto) && !managed.owns(dto))
    .map(({ name }) => ({ name, why: "a given state refers to it without managing it" }));
  if (session.format === "table") for (const { name, why } of leftOut) session.io.err(`Skipped: "${name}": ${why}.\n`);
  return { snapshots: all.filter((dto) => !managed.has(dto)), leftOut, matched: all.length, existing };
}

/** Why there is nothing to write code for. */
function nothingIn({ matched, existing }: Found, { filter }: ImportFlags): string {
  if (matched > 0) return "All matching snapshots are already in the given states.";
  if (existing.length === 0) return "The organization has no snapshots.";
  return `No snapshot has a name that matches ${(filter ?? []).map((glob) => `--filter "${glob}"`).join(" or ")}. ${whatExists(existing)}`;
}

/** Writes the program to its file, or to stdout, and Pulumi's import file beside it. Returns what Terraform's folder needs; null: there is none. */
function writeProgram(
  session: Session,
  snapshots: readonly CodeSnapshot[],
  { to, output }: ImportFlags,
  beside: string | null,
): TerraformFolder | null {
  const code = WRITERS[to](snapshots);
  const folder = to === "terraform" && output !== undefined ? terraformFolder(dirname(output)) : null;
  if (output === undefined) session.io.out(code);
  writeNew([
    ...(output === undefined
      ? []
      : [{ file: output, text: folder?.needsProviders === true ? `${PROVIDERS}${code}` : code }]),
    ...(beside === null ? [] : [{ file: beside, text: importFile(snapshots) }]),
  ]);
  return folder;
}

async function selected(
  session: Session,
  names: readonly string[],
  { filter }: ImportFlags,
): Promise<{ found: SnapshotDto[]; existing: string[] }> {
  if (names.length > 0) {
    const found: SnapshotDto[] = [];
    for (const name of names) found.push(await session.find(name, `importing snapshot "${name}"`));
    return { found: [...new Map(found.map((dto) => [dto.id, dto])).values()], existing: names.slice() };
  }
  session.reporter.progress("reading the snapshots of the organization");
  const all = await session.connection.listSnapshots({ general: false }, session.signal);
  const matches = (filter ?? ["*"]).map(glob);
  const found = all.filter(({ name }) => matches.some((match) => match(name)));
  const existing = all.map(({ name }) => name);
  session.reporter.stop();
  // Without any, the error says it.
  if (found.length > 0) tellOfUnused(session.io, filter ?? [], existing);
  return { found, existing };
}

/** What to do with the code. */
function next({ to, output }: ImportFlags, beside: string | null, folder: TerraformFolder | null): string {
  switch (to) {
    case "terraform": {
      const add = folder?.lacksProvider === true ? `add \`${PROVIDER_LINE}\` to \`required_providers\`, then ` : "";
      const init =
        folder !== null && (!folder.initialized || folder.needsProviders || folder.lacksProvider)
          ? `\`${terraformIn(output)} init\`, then `
          : "";
      return `Next: ${add}${init}\`${terraformIn(output)} plan\` shows these imports without changes; \`${terraformIn(output)} apply\` imports. Then you can remove the \`import\` blocks.`;
    }
    case "cdktf":
    case "cdktn":
      return "Next: add the stack to your app. Its first deployment imports the snapshots. Then you can remove the calls to importFrom.";
    default:
      return `Next: \`pulumi import --file ${beside} --generate-code=false --protect=false\`, then \`pulumi preview\` shows no changes.`;
  }
}

/** The command for the folder of a file, as a shell reads it. */
function terraformIn(file: string | undefined): string {
  const folder = dirname(file ?? "");
  if (folder === ".") return "terraform";
  return `terraform -chdir=${shellWord(folder)}`;
}
