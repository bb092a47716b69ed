import { type Attribute, snakeCase } from "../../kit/attribute";
import { isUnknown } from "../../kit/unknown";
import { readSource } from "../../lifecycle/plan-for";
import { snapshotTable } from "../../resources/snapshot/attributes";
import { snapshotDefinition } from "../../resources/snapshot/definition";
import { sourceHash } from "../../resources/snapshot/source";
import { validateWritten } from "../../resources/snapshot/validation/validate";
import type { Notice } from "../../kit/notice";
import type { SourceReader } from "../../source/source-reader";
import { writtenFromTerraform } from "../resource/convert";
import type { TfFunction, TfObject, TfValue } from "../types";

/** What a function may use. */
export interface Means {
  sources: SourceReader;
  signal: AbortSignal;
}

/** The attributes of a snapshot that say what it is made from. */
const NAMES = [
  "image",
  "dockerfile",
  "dockerfileContent",
  "localImage",
  "contextDir",
  "context",
  "buildArgs",
  "target",
] as const;
const ROWS: readonly Attribute[] = snapshotTable.inputs.filter(({ name }) =>
  (NAMES as readonly string[]).includes(name),
);

type Answer = Awaited<ReturnType<TfFunction["call"]>>;

/** `source_hash` of a snapshot with these arguments, by the code that plans one. */
export async function sourceHashOf(source: TfValue, { sources, signal }: Means): Promise<Answer> {
  const read = argumentsOf(source);
  if (typeof read === "string") return failed(read);
  // Any valid name: it is no part of the hash.
  const written = writtenFromTerraform({ ...read, name: "source" });
  const [wrong] = validateWritten(written, "terraform");
  if (wrong !== undefined) return failed(textOf(wrong));
  const found = await readSource(snapshotDefinition, written, {
    face: "terraform",
    words: { attribute: snakeCase },
    sources,
    signal,
  });
  if (found.wrong !== null) return failed(textOf(found.wrong.notices[0]));
  const image = typeof written.image === "string" ? written.image : null;
  const hash = found.build?.source.hash ?? sourceHash({ image, dockerfileContent: null });
  return hash === null ? failed("The source has no hash.") : { result: hash };
}

const failed = (text: string): Answer => ({ error: { text, argument: 0 } });

const textOf = ({ summary, detail }: Notice): string => `${summary}. ${detail}`;

/** The attributes of an object, each with a value of its type; a text says what is wrong. */
function argumentsOf(source: TfValue): TfObject | string {
  if (!isObject(source)) return `An object is needed, such as { dockerfile = "\${path.module}/Dockerfile" }.`;
  const names = ROWS.map(({ name }) => snakeCase(name));
  const other = Object.keys(source).find((name) => !names.includes(name));
  if (other !== undefined)
    return `"${other}" does not describe the source of a snapshot. The object can have ${names.slice(0, -1).join(", ")} and ${names.at(-1)}.`;
  const values: TfObject = {};
  for (const row of ROWS) {
    const name = snakeCase(row.name);
    const value = valueOf(row, source[name] ?? null);
    if (value === undefined) return `"${name}" is not ${KINDS[row.type as keyof typeof KINDS]}.`;
    values[name] = value;
  }
  return values;
}

const KINDS = { string: "a string", "string-list": "a list of strings", "string-map": "a map of strings" } as const;

/** A value of the attribute's type, converted as Terraform converts one; undefined: it is none. */
function valueOf({ type }: Attribute, value: TfValue): TfValue | undefined {
  if (value === null) return null;
  if (type === "string") return stringOf(value);
  if (type === "string-list") return Array.isArray(value) ? stringsOf(value) : undefined;
  if (!isObject(value)) return undefined;
  const items = stringsOf(Object.values(value));
  return items && Object.fromEntries(Object.keys(value).map((key, at) => [key, items[at] as string]));
}

function stringsOf(values: readonly TfValue[]): string[] | undefined {
  const texts = values.map(stringOf);
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** Terraform converts truth values and numbers. Only numbers that both write alike are taken. */
function stringOf(value: TfValue): string | undefined {
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  if (typeof value !== "number") return undefined;
  const text = String(value);
  return /^-?\d+(\.\d+)?$/.test(text) ? text : undefined;
}

function isObject(value: TfValue): value is TfObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isUnknown(value);
}
