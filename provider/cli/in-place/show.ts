import {
  chooseOne,
  type InPlaceDefinition,
  type Listed,
  listedValues,
  type Values,
  withoutSecrets,
} from "../../resources";
import { type Attribute, identifierOf, snakeCase } from "../../kit/attribute";
import { commandOf } from "../../kit/spell";
import { capital } from "../../kit/words";
import { printableLine } from "../../kit/text/printable";
import { columnsOf } from "../columns";
import { exitCodes } from "../io";
import { colored } from "../output/colors";
import { printObject, printObjects } from "../output/print";
import { age, fittingTable } from "../output/table";
import type { CommonFlags, Session } from "../session";

export interface ListFlags extends CommonFlags {
  columns?: string;
  headers?: boolean;
}

/** `daytona-iac registry list`: all of them, in the API's order. */
export async function listAll(session: Session, definition: InPlaceDefinition, flags: ListFlags): Promise<number> {
  const { io, format } = session;
  const fields = fieldsOf(definition);
  const columns = columnsOf(flags.columns, columnNames(definition), columnNames(definition));
  const all = await readAll(session, definition);
  if (format !== "table") printFound(session, definition, all);
  else if (all.length === 0)
    io.err(
      `There are no ${definition.plural} yet. To create one, run \`daytona-iac ${commandOf(definition.noun)} create\`.\n`,
    );
  else {
    const layout = {
      title: (column: string) => column.toUpperCase(),
      cell: (dto: Values, column: string, now: number) =>
        printableLine(
          short(
            fields.find((field) => columnOf(definition, field) === column)!,
            dto,
            now,
          ),
        ),
      dispensable: columnNames(definition).slice(1).reverse(),
    };
    const rows = all.map((dto) => listedValues(definition.table, dto));
    io.out(
      `${fittingTable(rows, layout, { columns, headers: flags.headers !== false, width: io.outColumns, now: Date.now(), colors: colored(io) })}\n`,
    );
  }
  return exitCodes.ok;
}

/** `daytona-iac registry get`. */
export async function getOne(session: Session, definition: InPlaceDefinition, idOrName: string): Promise<number> {
  const dto = chooseOne(
    definition,
    await readAll(session, definition),
    idOrName,
    `reading ${definition.noun} "${idOrName}"`,
    adviceOf(definition),
  );
  if (session.format !== "table") {
    printFoundOne(session, definition, dto);
    return exitCodes.ok;
  }
  const values = listedValues(definition.table, dto);
  const rows = fieldsOf(definition).map(
    (field) => [titleOf(definition, field), long(field, values, Date.now())] as const,
  );
  const width = Math.max(...rows.map(([title]) => title.length));
  session.say(`${rows.map(([title, value]) => `${title.padEnd(width)}  ${printableLine(value)}`).join("\n")}\n`);
  return exitCodes.ok;
}

/** The names of the columns, in their order. */
export function columnNames(definition: InPlaceDefinition): string[] {
  return fieldsOf(definition).map((field) => columnOf(definition, field));
}

/** All of them, as the API answers. */
export function readAll(session: Session, definition: InPlaceDefinition): Promise<Listed[]> {
  return session.connection.inPlace(definition).list(session.signal);
}

/** What to do where a name is not enough. */
export function adviceOf(definition: InPlaceDefinition): { several: string; none: string } {
  return { several: "Use the UUID instead", none: lookAt(definition) };
}

/** Sentence that says how to see what exists. */
export function lookAt({ noun }: InPlaceDefinition): string {
  return `Run \`daytona-iac ${commandOf(noun)} list\` to see the existing ones.`;
}

/** Prints the one object that was asked for. */
export function printFoundOne({ io, format }: Session, { table }: InPlaceDefinition, found: Listed): void {
  if (format !== "table") printObject(io, withoutSecrets(table, found), format);
}

/** Prints the API's objects as one array. */
export function printFound({ io, format }: Session, { table }: InPlaceDefinition, found: readonly Listed[]): void {
  if (format !== "table")
    printObjects(
      io,
      found.map((dto) => withoutSecrets(table, dto)),
      format,
    );
}

/** What an answer has: the name, the other inputs, the UUID, and what the API adds. */
function fieldsOf({ plural, listTable, table }: InPlaceDefinition): Attribute[] {
  const found = listTable.outputs.find(({ name }) => name === identifierOf(plural))!.type as {
    objects: readonly Attribute[];
  };
  const inputs = table.inputs.map(({ name }) => name);
  const rank = ({ name }: Attribute): number =>
    name === "name" ? 0 : inputs.includes(name) ? 1 : name === "id" ? 2 : 3;
  return [...found.objects].sort((a, b) => rank(a) - rank(b));
}

/** `registryType`: `type`; `createdAt`: `created`. */
function columnOf({ noun }: InPlaceDefinition, { name }: Attribute): string {
  return snakeCase(name)
    .replace(`${snakeCase(identifierOf(noun))}_`, "")
    .replace(/_at$/, "")
    .replaceAll("_", " ");
}

function titleOf(definition: InPlaceDefinition, field: Attribute): string {
  const column = columnOf(definition, field);
  return ["id", "url"].includes(column) ? column.toUpperCase() : capital(column);
}

function short(field: Attribute, dto: Values, now: number): string {
  const value = dto[field.name] ?? "";
  if (field.name.endsWith("At")) return age(String(value), now);
  return Array.isArray(value) ? value.join(",") || "-" : String(value) || "-";
}

function long(field: Attribute, dto: Values, now: number): string {
  const text = short(field, dto, now);
  return field.name.endsWith("At") && text !== "-" ? `${String(dto[field.name])} (${text})` : text;
}
