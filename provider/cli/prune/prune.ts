import { type Candidate, candidates, freed, type PruneRules, reasonFor } from "../../fleet/prune";
import { glob } from "../../fleet/ignore";
import { FleetError } from "../../fleet/resource";
import { parseDuration } from "../../snapshot";
import { stateOf } from "../drift/sources";
import { exitCodes } from "../io";
import { colored } from "../output/colors";
import { pruneTable } from "../output/snapshot-table";
import { type CommonFlags, type Session, usage } from "../session";
import { confirmed, each, remove } from "../snapshot/change";

export interface PruneFlags extends CommonFlags {
  /** false: `--no-state`. */
  state?: string[] | boolean;
  filter?: string[];
  minIdle?: string;
  minAge?: string;
  delete?: boolean;
  yes?: boolean;
}

/** `daytona-iac prune`. */
export async function prune(session: Session, flags: PruneFlags): Promise<number> {
  const { io } = session;
  const files = Array.isArray(flags.state) ? flags.state : [];
  if (flags.delete === true && files.length === 0 && flags.state !== false) throw usage("--delete needs to know what is managed", "Name every state with --state. If there is none, say so with --no-state.");
  if (flags.yes === true && flags.delete !== true) throw usage("--yes is for --delete", "Without --delete nothing is deleted.");
  const rules = await rulesOf(session, flags, files);
  session.reporter.progress("reading the snapshots of the organization");
  const all = await session.connection.listSnapshots({ general: false }, session.signal);
  const found = candidates(all, rules);
  session.reporter.stop();
  if (session.format === "json" && flags.delete !== true) {
    io.out(`${JSON.stringify(report(found, all.length, rules), null, 2)}\n`);
    return exitCodes.ok;
  }
  if (found.length === 0) {
    io.err(`Nothing to prune: all ${all.length} snapshots are managed, in use, young or outside of --filter.\n`);
    return exitCodes.ok;
  }
  if (session.format !== "json") {
    io.out(`${pruneTable(found, { width: io.outColumns, now: rules.now, colors: colored(io) })}\n`);
    io.err(`${summary(found)}\n`);
  }
  if (flags.delete !== true) {
    io.err("Nothing was deleted. To delete them, add --delete.\n");
    return exitCodes.ok;
  }
  if (flags.yes !== true && !(await confirmed(session, found.map(({ dto }) => dto)))) return exitCodes.error;
  return each(session, found, async ({ dto }) => {
    // Somebody may have used it, or imported it, since the list was read.
    const now = await session.connection.getSnapshot({ id: dto.id }, session.signal);
    if (now === null) return io.err(`Snapshot "${dto.name}" is gone already.\n`);
    if (reasonFor(now, all, { ...rules, now: Date.now() }) === null) return io.err(`Snapshot "${dto.name}" is kept: it is ${now.state} and was last used at ${now.lastUsedAt ?? "no time"}.\n`);
    await remove(session, now);
  });
}

async function rulesOf(session: Session, flags: PruneFlags, files: readonly string[]): Promise<PruneRules> {
  const managed: { id: string; name: string | null }[] = [];
  for (const file of files) {
    try {
      managed.push(...(await stateOf(session, file)).map(({ record }) => ({ id: record.id, name: record.name })));
    } catch (error) {
      // What it has would look as if nobody managed it.
      throw error instanceof FleetError ? new FleetError(error.summary, `${error.detail}\nNothing was deleted.`) : error;
    }
  }
  const matches = (flags.filter ?? ["*"]).map(glob);
  return { managed, minIdleMs: duration("--min-idle", flags.minIdle ?? "14d"), minAgeMs: duration("--min-age", flags.minAge ?? "1d"), filter: (name) => matches.some((match) => match(name)), now: Date.now() };
}

function duration(flag: string, text: string): number {
  const ms = text === "0" ? 0 : parseDuration(text);
  if (ms === null) throw usage(`${flag} ${text} is not a duration`, 'Use a number with a unit, such as "14d", "36h" or "1d12h".');
  return ms;
}

function summary(found: readonly Candidate[]): string {
  const { quota, gib } = freed(found);
  return `${found.length} snapshot${found.length === 1 ? "" : "s"} can go. That frees ${quota} place${quota === 1 ? "" : "s"} of the snapshot quota (inactive and failed snapshots take none) and ${gib.toFixed(2)} GiB.`;
}

function report(found: readonly Candidate[], total: number, { now }: PruneRules): object {
  return {
    generatedAt: new Date(now).toISOString(),
    snapshots: total,
    frees: freed(found),
    candidates: found.map(({ reason, dto: { id, name, state, size, createdAt, lastUsedAt } }) => ({ name, id, reason, state, size: size ?? null, createdAt, lastUsedAt: lastUsedAt ?? null })),
  };
}
