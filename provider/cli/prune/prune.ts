import { counted } from "../../kit/text/numbers";
import { type Candidate, candidates, keptOf, type PruneSettings } from "../../fleet/prune";
import { assertOrganization } from "../../fleet/organization";
import { glob } from "../../fleet/ignore";
import { FleetError } from "../../fleet/resource";
import { durationOf } from "../durations";
import { tellOfUnused } from "../filters";
import { exitCodes, type Io } from "../io";
import { colored } from "../output/colors";
import { printObject } from "../output/print";
import { pruneTable } from "../output/snapshot-table";
import { type CommonFlags, type Session, usage } from "../session";
import { confirmed } from "../snapshot/change";
import { deleteAll } from "./delete-all";
import { report, summary } from "./report";
import { type Stay, whyNothing } from "./why-nothing";
import { type EmptyState, States } from "./states";

export interface PruneFlags extends CommonFlags {
  state?: string[];
  /** false: `--no-state`. */
  stateless?: boolean;
  filter?: string[];
  minIdle?: string;
  minAge?: string;
  includeSandboxSnapshots?: boolean;
  delete?: boolean;
  yes?: boolean;
}

/** `daytona-iac prune`. */
export async function prune(session: Session, flags: PruneFlags): Promise<number> {
  const { io } = session;
  const files = flags.state ?? [];
  const deleting = flags.delete === true;
  const objects = session.format === "table" ? null : session.format;
  checkFlags(flags, files, deleting);
  const settings = settingsOf(flags);

  const states = new States(session, files);
  const { rules, all } = await keeping(async () => {
    const managed = await states.managed();
    for (const empty of states.empty()) tellOfEmpty(io, empty, flags, deleting);
    session.reporter.progress("reading the snapshots of the organization");
    const listed = await session.connection.listSnapshots({ general: false }, session.signal);
    await assertOrganization(states.documents, listed, session.connection, session.signal);
    return { rules: { ...settings, managed, now: Date.now() }, all: listed };
  });
  const found = candidates(all, rules);
  session.reporter.stop();
  tellOfUnused(
    io,
    flags.filter ?? [],
    all.map(({ name }) => name),
  );
  const stay = keptOf(all, rules);
  tellOfKept(session, stay, deleting);
  if (objects === null) tellFound(session, found, stay, rules.now);
  if (!deleting) {
    if (objects !== null) printObject(io, report(found, all.length, rules.now), objects);
    else if (found.length > 0) io.err("Nothing was deleted. To delete them, add --delete.\n");
    return exitCodes.ok;
  }
  if (found.length > 0 && flags.yes !== true && !(await agreed(session, found, files))) {
    if (objects !== null) printObject(io, report(found, all.length, rules.now, []), objects);
    return exitCodes.error;
  }
  const { code, results } = await deleteAll(session, found, states, settings);
  if (objects !== null) printObject(io, report(found, all.length, rules.now, results), objects);
  return code;
}

/** @throws FleetError with --delete, unless --no-state confirms it */
function tellOfEmpty(io: Io, { summary, holds }: EmptyState, { stateless }: PruneFlags, deleting: boolean): void {
  if (deleting && stateless !== false)
    throw new FleetError(
      summary,
      `${holds} Is it the right state, from the right workspace or stack? If it is, remove it from the command. If there is no state to keep, confirm that with --no-state.`,
    );
  io.err(
    `Note: ${summary}. ${holds}${stateless === false ? "" : " Nothing is kept because of it. With --delete, this is an error unless --no-state confirms it."}\n`,
  );
}

/** @throws Stop for flags that do not go together */
function checkFlags({ stateless, yes }: PruneFlags, files: readonly string[], deleting: boolean): void {
  if (deleting && files.length === 0 && stateless !== false)
    throw usage(
      "--delete needs to know which snapshots are managed",
      "Pass every state with --state. If there is none, confirm that with --no-state.",
    );
  if (yes === true && !deleting) throw usage("--yes requires --delete", "Without --delete, nothing is deleted.");
  if (files.filter((file) => file === "-").length > 1)
    throw usage("standard input can be read only once", 'Only one --state can be "-".');
}

function tellFound({ io }: Session, found: readonly Candidate[], stay: readonly Stay[], now: number): void {
  if (found.length === 0) return io.err(`Nothing to prune: ${whyNothing(stay)}.\n`);
  io.out(`${pruneTable(found, { width: io.outColumns, now, colors: colored(io) })}\n`);
  io.err(`${summary(found)}\n`);
}

/** Whatever cannot be read: nothing has been deleted yet, and the message says so. */
async function keeping<T>(body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw error instanceof FleetError ? new FleetError(error.summary, `${error.detail}\nNothing was deleted.`) : error;
  }
}

/** @throws FleetError with --delete, if a date cannot be read */
function tellOfKept({ io, format }: Session, stay: readonly Stay[], deleting: boolean): void {
  const undated = stay.filter(({ kept }) => kept.kind === "undated");
  if (deleting && undated.length > 0) {
    throw new FleetError(
      "some of the API's dates cannot be read",
      `${undated.map(({ dto, kept }) => `Snapshot "${dto.name}": ${kept.why}.`).join("\n")}\nUpdate daytona-iac, or exclude ${undated.length === 1 ? "it" : "them"} with --filter.\nNothing was deleted.`,
    );
  }
  if (format !== "table") return;
  for (const { dto, kept } of undated) io.err(`Kept: "${dto.name}": ${kept.why}.\n`);
  const taken = stay.filter(({ kept }) => kept.kind === "sandbox").length;
  if (taken > 0)
    io.err(
      `Kept: ${counted(taken, "snapshot that was", "snapshots that were")} created from a sandbox, which cannot be recreated. To include ${taken === 1 ? "it" : "them"}, add --include-sandbox-snapshots.\n`,
    );
}

/** Asks on the terminal itself where standard input is a state. */
function agreed(session: Session, found: readonly Candidate[], files: readonly string[]): Promise<boolean> {
  return confirmed(
    session,
    found.map(({ dto }) => dto),
    files.includes("-") ? (session.io.askTerminal ?? session.io.ask) : session.io.ask,
  );
}

function settingsOf(flags: PruneFlags): PruneSettings {
  const matches = (flags.filter ?? ["*"]).map(glob);
  return {
    minIdleMs: durationOf("--min-idle", flags.minIdle ?? "14d"),
    minAgeMs: durationOf("--min-age", flags.minAge ?? "1d"),
    filter: (name) => matches.some((match) => match(name)),
    fromSandboxes: flags.includeSandboxSnapshots === true,
  };
}
