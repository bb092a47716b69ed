import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hclProgram } from "../../fleet/code/hcl";
import { type CodeSnapshot, programFor, type Target } from "../../fleet/code/model";
import { importFile, pulumiYaml } from "../../fleet/code/pulumi-yaml";
import { pulumiPython } from "../../fleet/code/python";
import { cdktfProgram, pulumiTypeScript } from "../../fleet/code/typescript";
import { glob } from "../../fleet/ignore";
import type { SnapshotDto } from "../../lifecycle";
import { snakeCase } from "../../snapshot/attributes";
import { stateOf } from "../drift/sources";
import { exitCodes } from "../io";
import { type CommonFlags, type Session, Stop, usage } from "../session";

export interface ImportFlags extends CommonFlags {
  to: Target;
  all?: boolean;
  filter?: string[];
  state?: string[];
  output?: string;
  importFile?: string;
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
  const pulumi = flags.to.startsWith("pulumi-");
  if (names.length > 0 && (flags.all === true || flags.filter !== undefined)) throw usage("names cannot be combined with --all or --filter", "Remove one of them.");
  if (names.length === 0 && flags.all !== true && flags.filter === undefined) throw usage("nothing to import", "Name snapshots, or use --all or --filter.");
  if (!pulumi && flags.importFile !== undefined) throw usage("--import-file is for Pulumi", "The other programs import by themselves.");
  if (pulumi && flags.output === undefined && flags.importFile === undefined) throw usage("a Pulumi program needs an import file beside it", "Set --output, or --import-file.");

  const known = new Set<string>();
  for (const file of flags.state ?? []) for (const { record } of await stateOf(session, file)) known.add(record.id);
  const found = (await selected(session, names, flags)).filter(({ id }) => !known.has(id));
  const spell = flags.to === "terraform" || flags.to === "pulumi-python" ? snakeCase : (name: string): string => name;
  const { snapshots, leftOut } = programFor(found, spell);
  session.reporter.stop();
  for (const { name, why } of leftOut) session.io.err(`Left out: "${name}": ${why}.\n`);
  if (snapshots.length === 0) throw new Stop({ summary: "there is nothing to import", detail: found.length === 0 ? "No snapshot matches, or the given states have all of them." : "Every snapshot that matches was left out." });

  write(flags.output, WRITERS[flags.to](snapshots), session);
  if (pulumi) write(flags.importFile ?? join(dirname(flags.output!), "import.json"), importFile(snapshots), session);
  session.io.err(`${snapshots.length} snapshot${snapshots.length === 1 ? "" : "s"}. ${next(flags)}\n`);
  return exitCodes.ok;
}

async function selected(session: Session, names: readonly string[], { filter }: ImportFlags): Promise<SnapshotDto[]> {
  if (names.length > 0) {
    const found: SnapshotDto[] = [];
    for (const name of names) found.push(await session.find(name, `importing snapshot "${name}"`));
    return [...new Map(found.map((dto) => [dto.id, dto])).values()];
  }
  session.reporter.progress("reading the snapshots of the organization");
  const all = await session.connection.listSnapshots({ general: false }, session.signal);
  const matches = (filter ?? ["*"]).map(glob);
  return all.filter(({ name }) => matches.some((match) => match(name)));
}

/** @param file undefined: standard output @throws Stop for a file that exists: what somebody wrote is not lost */
function write(file: string | undefined, text: string, { io }: Session): void {
  if (file === undefined) return io.out(text);
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Stop({ summary: `${file} cannot be written`, detail: code === "EEXIST" ? "It exists already. Choose another file, or move it away." : message });
  }
}

/** What to do with the code. */
function next({ to, output, importFile: file }: ImportFlags): string {
  switch (to) {
    case "terraform": return "Next: `terraform plan` shows the imports and no changes; `terraform apply` imports. Then the `import` blocks can go.";
    case "cdktf": case "cdktn": return "Next: add the stack to your app. Its first deployment imports; then the calls of importFrom can go.";
    default: return `Next: \`pulumi import --file ${file ?? join(dirname(output!), "import.json")} --generate-code=false --protect=false\`, then \`pulumi preview\` shows no changes.`;
  }
}
