import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { isPulumiState, readPulumiState } from "../../fleet/read/pulumi";
import { parseObject } from "../../fleet/read/json";
import { readPlan } from "../../fleet/read/terraform-plan";
import { type KnownSnapshot, readTerraformState } from "../../fleet/read/terraform-state";
import { FleetError, type FleetSource, type SourceKind } from "../../fleet/resource";
import type { ReadSource } from "../../fleet/report/assemble";
import { type Session, usage } from "../session";
import type { DriftFlags } from "./flags";
import { type Project, projectAt, projectsIn } from "./projects";
import { synthesized } from "./run-cdktf";
import { previewStack } from "./run-pulumi";
import { planRoot } from "./run-terraform";

/** A state, still to be compared with the API. */
export interface StateSource {
  readonly kind: "state";
  readonly name: string;
  readonly known: readonly KnownSnapshot[];
}

/** Reads everything that the flags name, one after the other, and goes on after what cannot be read. @param rest arguments of plans and previews */
export async function readSources(session: Session, flags: DriftFlags, rest: readonly string[]): Promise<(ReadSource | StateSource)[]> {
  const sources: (ReadSource | StateSource)[] = [];
  const read = async (kind: SourceKind, name: string, body: () => Promise<(FleetSource | StateSource)[]>): Promise<void> => {
    try {
      sources.push(...(await body()));
    } catch (error) {
      if (!(error instanceof FleetError)) throw error;
      sources.push({ kind, name, error });
    }
  };
  for (const file of flags.plan ?? []) await read("plan", file, async () => [{ kind: "plan", name: file, apply: null, notes: [], ...readPlan(await json(session, file, "plan"), label("plan", file)) }]);
  for (const file of flags.state ?? []) await read("state", file, async () => [{ kind: "state", name: file, known: await stateOf(session, file) }]);
  for (const project of projectsOf(flags)) {
    const name = project.dir;
    if (project.kind === "terraform") await read("terraform", name, async () => [await root(session, flags, name, rest)]);
    if (project.kind === "pulumi") for (const stack of flags.stack ?? [null]) await read("pulumi", name, async () => [await preview(session, name, stack, rest)]);
    if (project.kind === "cdktf") await stacks(session, flags, name, rest, read);
  }
  return sources;
}

/** The snapshots of a state file. @throws FleetError */
export async function stateOf(session: Session, file: string): Promise<KnownSnapshot[]> {
  const state = await json(session, file, "state");
  return isPulumiState(state) ? readPulumiState(state, label("state", file)) : readTerraformState(state, label("state", file));
}

function projectsOf(flags: DriftFlags): Project[] {
  const given = (["terraform", "cdktf", "pulumi"] as const).flatMap((kind) => (flags[kind] ?? []).map((dir) => projectAt(kind, dir)));
  if (given.length > 0 || flags.plan !== undefined || flags.state !== undefined) return given;
  const found = projectsIn(".");
  if (found.length === 0) throw usage("There is no project in this folder", "Expected *.tf files, cdktf.json or Pulumi.yaml. Name the project with --terraform, --cdktf or --pulumi, or pass a plan (--plan) or a state (--state).");
  return found;
}

function binaryOf(session: Session, flags: DriftFlags): string {
  const { env } = session.io;
  return flags.binary ?? env["TERRAFORM_BINARY_NAME"] ?? (onPath("terraform", env) || !onPath("tofu", env) ? "terraform" : "tofu");
}

function onPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env["PATH"] ?? "").split(delimiter).some((dir) => dir !== "" && ["", ".exe", ".cmd"].some((ending) => existsSync(join(dir, `${name}${ending}`))));
}

function root(session: Session, flags: DriftFlags, dir: string, args: readonly string[]): Promise<FleetSource> {
  const binary = binaryOf(session, flags);
  session.reporter.progress(`planning ${dir}`);
  const tool = binary.replace(/.*[/\\]/, "");
  return planRoot({ dir, name: dir, binary, kind: "terraform", args, apply: `${tool}${dir === "." ? "" : ` -chdir=${dir}`} apply${args.map((arg) => ` ${arg}`).join("")}`, env: session.io.env, signal: session.signal });
}

function preview(session: Session, dir: string, stack: string | null, args: readonly string[]): Promise<FleetSource> {
  session.reporter.progress(`previewing ${dir}${stack === null ? "" : ` (${stack})`}`);
  return previewStack({ dir, stack, args, env: session.io.env, signal: session.signal });
}

type Read = (kind: SourceKind, name: string, body: () => Promise<(FleetSource | StateSource)[]>) => Promise<void>;

async function stacks(session: Session, flags: DriftFlags, dir: string, args: readonly string[], read: Read): Promise<void> {
  const { env } = session.io;
  const found: { name: string; dir: string }[] = [];
  if (flags.synth !== false) session.reporter.progress(`synthesizing ${dir}`);
  await read("cdktf", dir, async () => {
    found.push(...(await synthesized({ dir, synth: flags.synth !== false, env, signal: session.signal })));
    return [];
  });
  for (const stack of found) {
    const name = `${dir} (${stack.name})`;
    session.reporter.progress(`planning ${name}`);
    await read("cdktf", name, async () => [await planRoot({ dir: stack.dir, name, binary: binaryOf(session, flags), kind: "cdktf", args, apply: `${dir === "." ? "" : `cd ${relative(".", dir) || dir} && `}cdktf deploy ${stack.name}`, env, signal: session.signal })]);
  }
}

const label = (what: string, file: string): string => (file === "-" ? `the ${what} on standard input` : `the ${what} ${file}`);

async function json(session: Session, file: string, what: string): Promise<Record<string, unknown>> {
  let text: string;
  if (file === "-") {
    if (session.io.read === undefined) throw new FleetError(`${label(what, file)} cannot be read`, "There is no standard input.");
    text = await session.io.read();
  } else {
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new FleetError(`${label(what, file)} cannot be read`, code === "ENOENT" ? "The file does not exist." : code === "EISDIR" ? "It is a folder." : message);
    }
  }
  // A plan as `terraform plan -out` writes it is a zip.
  if (text.startsWith("PK")) throw new FleetError(`${label(what, file)} is not JSON`, `It is a plan in Terraform's own format. Convert it: \`terraform show -json ${file === "-" ? "PLAN" : file}\`.`);
  return parseObject(text, label(what, file));
}
