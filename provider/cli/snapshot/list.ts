import type { SnapshotDto } from "../../lifecycle";
import { flagOf } from "../../kit/spell";
import { states as STATES } from "../../resources/snapshot/states";
import { sourceOf } from "../../resources/snapshot/observed";
import { counted } from "../../kit/text/numbers";
import { columnsOf } from "../columns";
import { whatExists } from "../filters";
import { exitCodes } from "../io";
import { colored } from "../output/colors";
import { objectPrinter, printObject, printObjects, printWarning } from "../output/print";
import {
  type Column,
  COLUMNS,
  DEFAULT_COLUMNS,
  rowOf,
  type SnapshotRow,
  snapshotTable,
  sorted,
} from "../output/snapshot-table";
import { age } from "../output/table";
import { type CommonFlags, type Session, usage } from "../session";

export interface ListFlags extends CommonFlags {
  page?: number;
  limit?: number;
  allPages?: boolean;
  state?: string[];
  name?: string;
  region?: string;
  sourceSandboxId?: string;
  columns?: string;
  headers?: boolean;
}

/** Filters that the API does not have: with one of them, all pages are read. */
const FILTERS = ["state", "region", "sourceSandboxId"] as const satisfies readonly (keyof ListFlags)[];
const or = (words: readonly string[]): string => `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
const and = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** `daytona-iac snapshot list`: one page, or with a filter of ours or `--all-pages` all of them. */
export async function listSnapshots(session: Session, flags: ListFlags): Promise<number> {
  const { io } = session;
  const columns = columnsOf(flags.columns, COLUMNS, DEFAULT_COLUMNS);
  refuseUnknownStates(flags.state ?? []);
  const all = flags.allPages === true || FILTERS.some((name) => flags[name] !== undefined);
  if (all && (flags.page !== undefined || flags.limit !== undefined))
    throw usage(
      `--page and --limit cannot be combined with ${or(["allPages", ...FILTERS].map(flagOf))}`,
      "These read all pages. Remove one of the flags.",
    );
  if (all) return everything(session, flags, columns);
  const { items, total, page, totalPages } = await session.connection.pageOfSnapshots(
    { page: flags.page ?? 1, limit: flags.limit ?? 100, ...(flags.name ? { name: flags.name } : {}) },
    session.signal,
  );
  if (items.length === 0) await tellOfEmptyPage(session, flags, { total, page, totalPages });
  if (session.format !== "table") printObjects(io, items, session.format);
  if (session.format !== "table" || items.length === 0) return exitCodes.ok;
  printTable(session, flags, columns, items);
  if (totalPages > page)
    io.err(`Page ${page} of ${totalPages}. Use --page ${page + 1} for the next one, or --all-pages.\n`);
  return exitCodes.ok;
}

/** A state that no release has would find nothing, which looks like an answer. @throws Stop */
function refuseUnknownStates(states: readonly string[]): void {
  const unknown = states.find((state) => !STATES.includes(state));
  if (unknown !== undefined)
    throw usage(`--state ${unknown} is not a state of a snapshot`, `The states are ${STATES.join(", ")}.`);
}

/** `daytona-iac snapshot get`. */
export async function getSnapshot(session: Session, idOrName: string): Promise<number> {
  const dto = await session.find(idOrName, `reading snapshot "${idOrName}"`);
  if (session.format !== "table") {
    printObject(session.io, dto, session.format);
    return exitCodes.ok;
  }
  const rows = details(dto, Date.now());
  const width = Math.max(...rows.map(([title]) => title.length));
  session.say(`${rows.map(([title, value]) => `${title.padEnd(width)}  ${value}`).join("\n")}\n`);
  const text = dto.buildInfo?.dockerfileContent;
  if (typeof text === "string") session.say(`\nDockerfile\n${text.trimEnd().replace(/^/gm, "  ")}\n`);
  return exitCodes.ok;
}

function details(dto: SnapshotDto, now: number): [string, string][] {
  const date = (value: string | null | undefined): string => (value ? `${value} (${age(value, now)})` : "-");
  const rows: [string, string | null | undefined][] = [
    ["Name", dto.name],
    ["ID", dto.id],
    ["State", dto.state],
    ["Error", dto.errorReason],
    ["Image", imageOf(dto)],
    [
      "Entrypoint",
      dto.entrypoint?.length
        ? dto.entrypoint.map((word) => (/^[\w./:=@-]+$/.test(word) ? word : `'${word}'`)).join(" ")
        : null,
    ],
    ["Size", typeof dto.size === "number" ? `${dto.size.toFixed(2)} GiB` : "-"],
    ["CPU", String(dto.cpu ?? "-")],
    ["Memory", dto.mem === undefined || dto.mem === null ? "-" : `${dto.mem} GiB`],
    ["Disk", dto.disk === undefined || dto.disk === null ? "-" : `${dto.disk} GiB`],
    ["GPU", dto.gpu ? `${dto.gpu}${dto.gpuType ? ` ${dto.gpuType}` : ""}` : null],
    ["Sandbox class", dto.sandboxClass],
    ["Regions", (dto.regionIds ?? []).join(", ") || "-"],
    ["General", dto.general ? "yes: every organization can use it" : null],
    ["Created", date(dto.createdAt)],
    ["Last used", date(dto.lastUsedAt)],
  ];
  return rows.filter((row): row is [string, string] => typeof row[1] === "string" && row[1] !== "");
}

/** Of an image with a digest, the API has a build. */
function imageOf(dto: SnapshotDto): string | null | undefined {
  return sourceOf(dto)?.image ?? dto.imageName;
}

/** Page by page: objects are printed as they come, and a table keeps of each what it shows. */
async function everything(session: Session, flags: ListFlags, columns: readonly Column[]): Promise<number> {
  const { io, format } = session;
  const pages = session.connection.eachPage(
    {
      general: true,
      nameContains: flags.name ?? null,
      states: flags.state ?? null,
      region: flags.region ?? null,
      sourceSandboxId: flags.sourceSandboxId ?? null,
    },
    session.signal,
  );
  if (format !== "table") {
    const print = objectPrinter(io, format);
    let found = false;
    for await (const page of pages) {
      found ||= page.length > 0;
      print.more(page);
      await io.drained?.();
    }
    print.end();
    if (!found) await tellOfNone(session, flags);
    return exitCodes.ok;
  }
  const rows: SnapshotRow[] = [];
  for await (const page of pages) rows.push(...page.map(rowOf));
  if (rows.length === 0) await tellOfNone(session, flags);
  else printTable(session, flags, columns, rows);
  return exitCodes.ok;
}

function printTable(
  session: Session,
  flags: ListFlags,
  columns: readonly Column[],
  rows: readonly SnapshotRow[],
): void {
  session.io.out(
    `${snapshotTable(sorted(rows), { columns, headers: flags.headers !== false, width: session.io.outColumns, now: Date.now(), colors: colored(session.io) })}\n`,
  );
}

/** Says why a page is empty: nothing matches, or it is behind the last one. */
async function tellOfEmptyPage(
  session: Session,
  flags: ListFlags,
  { total, page, totalPages }: { total: number; page: number; totalPages: number },
): Promise<void> {
  if (total === 0) return tellOfNone(session, flags);
  if (session.format !== "table") return;
  const pages = `There ${totalPages === 1 ? "is" : "are"} ${counted(totalPages, "page")}.`;
  session.io.err(`Page ${page} is empty. ${pages}\n`);
}

/** Says why a list is empty. Beside objects only where a filter is the reason: a typo would look like an answer. */
async function tellOfNone(session: Session, flags: ListFlags): Promise<void> {
  const { io, format } = session;
  const filters = (["name", ...FILTERS] as const).filter((name) => flags[name] !== undefined && flags[name] !== "");
  if (filters.length === 0) {
    if (format === "table") io.err("There are no snapshots yet. To create one, run `daytona-iac snapshot create`.\n");
    return;
  }
  const given = filters.map(
    (name) => `${name === "name" ? "--name" : flagOf(name)} ${[flags[name]].flat().join(", ")}`,
  );
  printWarning(io, {
    summary: `no snapshot matches ${and(given)}`,
    detail: `${await regionsBeside(session, flags.region)}To see all snapshots, leave ${filters.length === 1 ? "it" : "them"} out.`,
  });
}

/** The regions that exist, for a filter that names another one; "" where the API does not tell. */
async function regionsBeside(session: Session, region: string | undefined): Promise<string> {
  if (region === undefined) return "";
  try {
    const known = (await session.connection.regions(session.signal)).map(({ id }) => id);
    return known.includes(region) ? "" : `The organization has no region "${region}". ${whatExists(known)} `;
  } catch {
    return "";
  }
}
