import { existsSync } from "node:fs";
import { delimiter, join, relative } from "node:path";
import { labelOf } from "../../fleet/read/document";
import { readPlan } from "../../fleet/read/terraform-plan";
import type { StateDocument } from "../../fleet/read/managed";
import { readPlannedState } from "../../fleet/read/planned-state";
import { readState } from "../../fleet/read/state";
import { FleetError, type FleetSource, type SourceKind } from "../../fleet/resource";
import type { ReadSource } from "../../fleet/report/assemble";
import { type Session, Stop, usage } from "../session";
import { connectionVariables } from "./connection-variables";
import { documentIn, planIn } from "./content";
import type { DriftFlags } from "./flags";
import { type Project, projectAt, projectsIn } from "./projects";
import { assertPlanArguments, shownArguments } from "./plan-arguments";
import { assertPreviewArguments } from "./preview-arguments";
import { synthesize } from "./run-cdktf";
import { previewStack } from "./run-pulumi";
import { planRoot } from "./run-terraform";
import { commandLine } from "../shell-words";

/** A state, still to be compared with the API. */
export interface StateSource {
  readonly kind: "state";
  readonly name: string;
  readonly state: StateDocument;
}

/** Reads everything that the flags name, one after the other, and goes on after what cannot be read. @param rest arguments of plans and previews */
export async function readSources(
  session: Session,
  flags: DriftFlags,
  rest: readonly string[],
): Promise<(ReadSource | StateSource)[]> {
  const projects = projectsOf(flags);
  // Before anything is planned: a flag that is wrong is wrong for all of them.
  if (projects.length > 0) connectionVariables(session);
  if (projects.some(({ kind }) => kind !== "pulumi")) assertPlanArguments(rest);
  if (projects.some(({ kind }) => kind === "pulumi")) assertPreviewArguments(rest);
  const sources: (ReadSource | StateSource)[] = [];
  const read = async (
    kind: SourceKind,
    name: string,
    body: () => Promise<(FleetSource | StateSource)[]>,
  ): Promise<void> => {
    try {
      sources.push(...(await body()));
    } catch (error) {
      if (error instanceof Stop || session.signal.aborted) throw error;
      // One that cannot be read, whatever the reason, is an error of its own: the others are still checked.
      sources.push({
        kind,
        name,
        error:
          error instanceof FleetError
            ? error
            : new FleetError(`${name} could not be checked`, error instanceof Error ? error.message : String(error)),
      });
    }
  };
  const unmanaged = flags.unmanaged === true;
  for (const file of flags.plan ?? []) {
    await read("plan", file, async () => {
      const source = { kind: "plan", name: file, apply: null, notes: [] } as const;
      // What else a state mentions can be anywhere in the plan.
      if (!unmanaged) return [{ ...source, ...(await planIn(session, file)) }];
      const [plan, what] = [await documentIn(session, file, "plan"), labelOf({ file, expected: "plan" })];
      return [{ ...source, ...readPlan(plan, what), manages: readPlannedState(plan, what) }];
    });
  }
  for (const file of flags.state ?? [])
    await read("state", file, async () => [{ kind: "state", name: file, state: await stateOf(session, file) }]);
  for (const { kind, dir } of projects) {
    if (kind === "terraform")
      await read("terraform", dir, async () => [await root(session, flags, projectAt(kind, dir).dir, rest)]);
    if (kind === "pulumi")
      for (const stack of flags.stack ?? [null])
        await read("pulumi", dir, async () => [await preview(session, flags, projectAt(kind, dir).dir, stack, rest)]);
    if (kind === "cdktf") await stacks(session, flags, dir, rest, read);
  }
  return sources;
}

/** What a state file says about snapshots. @throws FleetError */
export async function stateOf(session: Session, file: string): Promise<StateDocument> {
  return readState(await documentIn(session, file, "state"), labelOf({ file, expected: "state" }));
}

function projectsOf(flags: DriftFlags): Project[] {
  const given = (["terraform", "cdktf", "pulumi"] as const).flatMap((kind) =>
    (flags[kind] ?? []).map((dir): Project => ({ kind, dir })),
  );
  if (given.length > 0 || flags.plan !== undefined || flags.state !== undefined) return given;
  const found = projectsIn(".");
  if (found.length === 0)
    throw usage(
      "There is no project in this folder",
      "Expected *.tf files, cdktf.json or Pulumi.yaml. Specify the project with --terraform, --cdktf or --pulumi, or pass a plan (--plan) or a state (--state).",
    );
  return found;
}

function binaryOf(session: Session, flags: DriftFlags): string {
  const { env } = session.io;
  return (
    flags.binary ??
    env["TERRAFORM_BINARY_NAME"] ??
    (onPath("terraform", env) || !onPath("tofu", env) ? "terraform" : "tofu")
  );
}

function onPath(name: string, env: NodeJS.ProcessEnv): boolean {
  return (env["PATH"] ?? "")
    .split(delimiter)
    .some((dir) => dir !== "" && ["", ".exe", ".cmd"].some((ending) => existsSync(join(dir, `${name}${ending}`))));
}

function root(session: Session, flags: DriftFlags, dir: string, args: readonly string[]): Promise<FleetSource> {
  const binary = binaryOf(session, flags);
  session.reporter.progress(`planning ${dir}`);
  const tool = binary.replace(/.*[/\\]/, "");
  return planRoot({
    dir,
    name: dir,
    binary,
    kind: "terraform",
    unmanaged: flags.unmanaged === true,
    args,
    apply: [commandLine([tool, ...(dir === "." ? [] : [`-chdir=${dir}`]), "apply"]), ...shownArguments(args)].join(" "),
    env: session.io.env,
    connection: connectionVariables(session),
    signal: session.signal,
  });
}

function preview(
  session: Session,
  flags: DriftFlags,
  dir: string,
  stack: string | null,
  args: readonly string[],
): Promise<FleetSource> {
  session.reporter.progress(`previewing ${dir}${stack === null ? "" : ` (${stack})`}`);
  return previewStack({
    dir,
    stack,
    unmanaged: flags.unmanaged === true,
    args,
    env: session.io.env,
    connection: connectionVariables(session),
    signal: session.signal,
  });
}

type Read = (kind: SourceKind, name: string, body: () => Promise<(FleetSource | StateSource)[]>) => Promise<void>;

async function stacks(
  session: Session,
  flags: DriftFlags,
  dir: string,
  args: readonly string[],
  read: Read,
): Promise<void> {
  const { env } = session.io;
  const found: { name: string; dir: string }[] = [];
  if (flags.synth !== false) session.reporter.progress(`synthesizing ${dir}`);
  await read("cdktf", dir, async () => {
    found.push(
      ...(await synthesize({
        dir: projectAt("cdktf", dir).dir,
        synth: flags.synth !== false,
        env,
        signal: session.signal,
      })),
    );
    return [];
  });
  for (const stack of found) {
    const name = `${dir} (${stack.name})`;
    session.reporter.progress(`planning ${name}`);
    await read("cdktf", name, async () => [
      await planRoot({
        dir: stack.dir,
        name,
        stack: stack.name,
        binary: binaryOf(session, flags),
        kind: "cdktf",
        unmanaged: flags.unmanaged === true,
        args,
        apply: `${dir === "." ? "" : `${commandLine(["cd", relative(".", dir) || dir])} && `}${commandLine(["cdktf", "deploy", stack.name])}`,
        env,
        connection: connectionVariables(session),
        signal: session.signal,
      }),
    ]);
  }
}
