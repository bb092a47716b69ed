import { planSnapshot, writtenAs } from "../../snapshot";
import { isSuccessorName } from "../../snapshot/names";
import type { SnapshotDto } from "../../lifecycle";
import { fromImport } from "../../snapshot/observed";
import { exitCodes } from "../io";
import { printError, printObjects } from "../output/print";
import { cliWords } from "../words";
import { type CommonFlags, type Session, Stop, usage } from "../session";

export interface DeleteFlags extends CommonFlags {
  all?: boolean;
  yes?: boolean;
}

/** `daytona-iac snapshot activate` and `deactivate`. Ends when all of them are. */
export async function setActive(session: Session, names: readonly string[], active: boolean): Promise<number> {
  const verb = active ? "activating" : "deactivating";
  return each(session, names, async (name) => {
    const doing = `${verb} snapshot "${name}"`;
    const { record } = await session.own(name, doing);
    const plan = planSnapshot({ prior: record, marks: {}, written: { ...writtenAs(record), active }, providerRegion: null, words: cliWords });
    let state = record.state;
    if (["activate", "deactivate", "wait"].includes(plan.action)) {
      const outcome = await session.connection.lifecycle.update(record, {}, plan.planned, session.context());
      session.judge(outcome);
      state = outcome.record?.state ?? state;
    } else if (plan.action !== "none") {
      throw new Stop({ summary: `${doing}: its state is ${record.state}`, detail: `${record.errorReason ? `Reason: ${record.errorReason}\n` : ""}Only ${active ? "an inactive" : "an active"} snapshot can be ${active ? "activated" : "deactivated"}. Delete it and create it again.` });
    }
    if (session.format !== "table") printObjects(session.io, [await session.find(record.id, doing)], session.format);
    else session.io.out(`Snapshot "${record.name}" is ${plan.action === "none" ? `already ${state}` : state}.\n`);
  });
}

/** `daytona-iac snapshot delete`. Ends when all of them are gone; goes on after a failure. */
export async function deleteSnapshots(session: Session, names: readonly string[], flags: DeleteFlags): Promise<number> {
  if (flags.all === true && names.length > 0) throw usage("--all cannot be combined with names", "Remove one of them.");
  if (flags.all !== true && names.length === 0) throw usage("name at least one snapshot, or use --all");
  if (flags.all !== true) return each(session, names, async (name) => remove(session, (await session.own(name, `deleting snapshot "${name}"`)).dto));
  const found = await session.connection.listSnapshots({ general: false }, session.signal);
  session.reporter.stop();
  if (found.length === 0) {
    session.io.err("There are no snapshots to delete.\n");
    return exitCodes.ok;
  }
  if (flags.yes !== true && !(await confirmed(session, found))) return exitCodes.error;
  // The successor of an unfinished swap goes with its snapshot, which is deleted before.
  const order = [...found].sort((a, b) => Number(isSuccessorName(a.name)) - Number(isSuccessorName(b.name)));
  return each(session, order, async (dto) => remove(session, dto));
}

/** Asks before a deletion, showing count and names. @throws Stop where there is nobody to ask */
export async function confirmed({ io }: Session, found: readonly SnapshotDto[]): Promise<boolean> {
  const count = `${found.length} snapshot${found.length === 1 ? "" : "s"}`;
  io.err(`This deletes ${count}:\n${found.map(({ name, state }) => `  ${name} (${state})\n`).join("")}`);
  if (io.ask === undefined) throw usage("deleting needs --yes where there is no terminal to ask on");
  const answer = (await io.ask(`Delete ${count}? Type "yes" to continue: `)).trim().toLowerCase();
  if (answer === "yes" || answer === "y") return true;
  io.err("Nothing was deleted.\n");
  return false;
}

/** Deletes one, waits until it is gone, and says so. @throws Stop */
export async function remove(session: Session, dto: SnapshotDto): Promise<void> {
  const outcome = await session.connection.lifecycle.delete(fromImport(dto).record, {}, session.context());
  session.judge(outcome);
  if (session.format !== "table") return;
  session.io.out(session.flags.wait === false ? `Snapshot "${dto.name}" is being deleted.\n` : `Snapshot "${dto.name}" is deleted.\n`);
}

/** One after the other. After a failure the others are done all the same; after an interrupt nothing more is begun. */
export async function each<T>(session: Session, items: readonly T[], body: (item: T) => Promise<void>): Promise<number> {
  let failed = 0;
  for (const item of items) {
    if (items.length === 1) {
      await body(item);
      continue;
    }
    const code = await session.part(async () => body(item));
    if (code === exitCodes.ok) continue;
    failed += 1;
    if (session.signal.aborted) break;
  }
  if (failed > 0 && items.length > 1) printError(session.io, { summary: `${failed} of ${items.length} failed`, detail: "" }, session.format);
  return failed > 0 ? exitCodes.error : exitCodes.ok;
}
