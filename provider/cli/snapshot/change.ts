import { planActive } from "../../resources/snapshot/plan-active";
import { isSuccessorName } from "../../resources/snapshot/names";
import type { SnapshotDto } from "../../lifecycle";
import type { SnapshotRecord } from "../../resources/snapshot/record";
import { fromImport } from "../../resources/snapshot/observed";
import { exitCodes, type Io } from "../io";
import { confirmDeletion, type Done, each } from "../many";
import { printObjects } from "../output/print";
import { cliWords } from "../words";
import { type CommonFlags, refuseEmptyNames, type Session, Stop, usage } from "../session";

export interface DeleteFlags extends CommonFlags {
  all?: boolean;
  yes?: boolean;
}

/** `daytona-iac snapshot activate` and `deactivate`. Ends when all of them are. Objects are printed as one array, of those that it was done to. */
export async function setActive(session: Session, names: readonly string[], active: boolean): Promise<number> {
  const verb = active ? "activating" : "deactivating";
  const { code, results } = await each(session, await resolved(session, names, verb), nameOf, async (asked, part) => {
    const doing = `${verb} snapshot "${asked.name}"`;
    const { record } = await asked.own();
    const plan = planActive(record, active, cliWords);
    let state = record.state;
    if (plan.is === "update") {
      const outcome = await part.connection.lifecycle.update(record, {}, plan.planned, part.context());
      part.judge(outcome);
      state = outcome.record?.state ?? state;
    } else if (plan.is === "impossible") {
      throw new Stop({
        summary: `${doing}: a snapshot in the state ${record.state} cannot be ${active ? "activated" : "deactivated"}`,
        detail: `${record.errorReason ? `Reason: ${record.errorReason}\n` : ""}Only ${active ? "an inactive" : "an active"} snapshot can be ${active ? "activated" : "deactivated"}. Delete and recreate it.`,
      });
    }
    if (part.format !== "table") return part.find(record.id, doing);
    part.say(`Snapshot "${record.name}" is ${plan.is === "already" ? `already ${state}` : state}.\n`);
    return null;
  });
  if (session.format !== "table") printObjects(session.io, results, session.format);
  return code;
}

/** A snapshot that a command names, looked up. */
interface Asked {
  /** As it is named. */
  readonly name: string;
  /** @throws what looking it up has thrown */
  own(): Promise<{ dto: SnapshotDto; record: SnapshotRecord }>;
}

const nameOf = ({ name }: { readonly name: string }): string => name;

/** Looks all of them up before any is changed. One that is named twice, or by its name and by its ID, is done once. */
async function resolved(session: Session, names: readonly string[], verb: string): Promise<Asked[]> {
  refuseEmptyNames(names);
  if (names.length === 1)
    return names.map((name) => ({ name, own: () => session.own(name, `${verb} snapshot "${name}"`) }));
  const looked: Promise<{ dto: SnapshotDto; record: SnapshotRecord }>[] = [];
  const seen = new Set<string>();
  const asked: Asked[] = [];
  for (const name of new Set(names)) looked.push(session.own(name, `${verb} snapshot "${name}"`));
  const settled = await Promise.allSettled(looked);
  for (const [at, name] of [...new Set(names)].entries()) {
    const it = settled[at] as (typeof settled)[number];
    if (it.status === "fulfilled" && seen.has(it.value.dto.id)) continue;
    if (it.status === "fulfilled") seen.add(it.value.dto.id);
    asked.push({ name, own: () => looked[at] as (typeof looked)[number] });
  }
  return asked;
}

/** `daytona-iac snapshot delete`. Ends when all of them are gone; goes on after a failure. Objects are printed as one array, of those that were deleted. */
export async function deleteSnapshots(session: Session, names: readonly string[], flags: DeleteFlags): Promise<number> {
  if (flags.all === true && names.length > 0) throw usage("--all cannot be combined with names", "Remove one of them.");
  if (flags.all !== true && names.length === 0) throw usage("specify at least one snapshot, or use --all");
  const removeOne = async (dto: SnapshotDto, part: Session): Promise<SnapshotDto> => {
    await remove(part, dto);
    return dto;
  };
  const { code, results } =
    flags.all === true
      ? await removeAll(session, flags, removeOne)
      : await each(session, await resolved(session, names, "deleting"), nameOf, async (asked, part) =>
          removeOne((await asked.own()).dto, part),
        );
  if (session.format !== "table") printObjects(session.io, results, session.format);
  return code;
}

async function removeAll(
  session: Session,
  flags: DeleteFlags,
  removeOne: (dto: SnapshotDto, part: Session) => Promise<SnapshotDto>,
): Promise<Done<SnapshotDto>> {
  const found = await session.connection.listSnapshots({ general: false }, session.signal);
  session.reporter.stop();
  if (found.length === 0) {
    session.io.err("There are no snapshots to delete.\n");
    return { code: exitCodes.ok, results: [] };
  }
  if (flags.yes !== true && !(await confirmed(session, found))) return { code: exitCodes.error, results: [] };
  return each(session, found, nameOf, removeOne, successorsLast);
}

/** The successor of an unfinished swap goes with its snapshot, which is deleted before. */
export function successorsLast({ name }: Pick<SnapshotDto, "name">): number {
  return isSuccessorName(name) ? 1 : 0;
}

/** Asks before a deletion, showing count and names. @throws Stop where there is nobody to ask */
export function confirmed(session: Session, found: readonly SnapshotDto[], ask?: Io["ask"]): Promise<boolean> {
  return confirmDeletion(
    session.io,
    ["snapshot", "snapshots"],
    found.map(({ name, state }) => `${name} (${state})`),
    ask,
  );
}

/** Deletes one, waits until it is gone, and says so. @throws Stop */
export async function remove(session: Session, dto: SnapshotDto): Promise<void> {
  const outcome = await session.connection.lifecycle.delete(fromImport(dto).record, {}, session.context());
  session.judge(outcome);
  if (session.format !== "table") return;
  session.say(
    session.flags.wait === false
      ? `Snapshot "${dto.name}" is being deleted.\n`
      : `Snapshot "${dto.name}" was deleted.\n`,
  );
}
