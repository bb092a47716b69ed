import { Decoder, Encoder, ExtData, ExtensionCodec } from "@msgpack/msgpack";
import { isUnknown, UNKNOWN } from "../../kit/unknown";
import type { TfType, TfValue } from "../types";
import { parseJson } from "./json";

/** A value that does not match its type. `path` is as in a diagnostic. */
export interface Problem {
  path: (string | number)[];
  message: string;
}

const extensions = new ExtensionCodec();
// 0: unknown. 12: unknown with refinements (not null, prefix, …), which are not needed here.
for (const type of [0, 12]) extensions.register({ type, encode: () => null, decode: () => UNKNOWN });
const unknownOnWire = new ExtData(0, new Uint8Array([0]));
// One of each for the process: creating their buffers and caches costs more than encoding a value.
const encoder = new Encoder();
const decoder = new Decoder({ extensionCodec: extensions, useBigInt64: true });

type Path = (string | number)[];
type Visit = (value: unknown, type: TfType, path: Path, problems: Problem[], lenient: boolean) => unknown;

const isPlain = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

function name(type: TfType): string {
  return typeof type === "string" ? type : type[0];
}

function kindOf(value: unknown): string {
  return Array.isArray(value)
    ? "a list"
    : value instanceof Uint8Array
      ? "bytes"
      : isPlain(value)
        ? "an object"
        : `a ${typeof value}`;
}

const sortedKeys = new WeakMap<object, string[]>();

function keysOf(fields: { [field: string]: TfType }): string[] {
  let keys = sortedKeys.get(fields);
  if (keys === undefined) sortedKeys.set(fields, (keys = Object.keys(fields).sort()));
  return keys;
}

function put(object: { [key: string]: unknown }, key: string, value: unknown): void {
  // An assignment would set the object's prototype.
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

/** Visits what stands in a collection. */
function into(
  step: string | number,
  value: unknown,
  type: TfType,
  path: Path,
  problems: Problem[],
  visit: Visit,
  lenient: boolean,
): unknown {
  path.push(step);
  const made = visit(value, type, path, problems, lenient);
  path.pop();
  return made;
}

/** Walks a value along its type. Anything that does not match becomes null and is reported. `path` is reused, and copied for a problem. */
function collections(
  value: unknown,
  type: TfType,
  path: Path,
  problems: Problem[],
  visit: Visit,
  lenient: boolean,
): unknown {
  if (typeof type === "string") return misfit(value, type, path, problems);
  const [kind, inner] = type as [string, unknown];
  switch (kind) {
    case "list":
    case "set":
      return Array.isArray(value)
        ? value.map((v, i) => into(i, v, inner as TfType, path, problems, visit, lenient))
        : misfit(value, type, path, problems);
    case "tuple": {
      const types = inner as TfType[];
      if (!Array.isArray(value) || value.length !== types.length) return misfit(value, type, path, problems);
      return value.map((v, i) => into(i, v, types[i]!, path, problems, visit, lenient));
    }
    case "map": {
      if (!isPlain(value)) return misfit(value, type, path, problems);
      const made = {};
      for (const key of Object.keys(value).sort())
        put(made, key, into(key, value[key], inner as TfType, path, problems, visit, lenient));
      return made;
    }
    case "object":
      return isPlain(value)
        ? fieldsOf(value, inner as { [field: string]: TfType }, path, problems, visit, lenient)
        : misfit(value, type, path, problems);
    default:
      problems.push({ path: [...path], message: `unknown type ${kind}` });
      return null;
  }
}

/** Every field of an object type; null where the value has none. */
function fieldsOf(
  value: { [key: string]: unknown },
  fields: { [field: string]: TfType },
  path: Path,
  problems: Problem[],
  visit: Visit,
  lenient: boolean,
): object {
  if (!lenient) {
    for (const key of Object.keys(value)) {
      if (!Object.hasOwn(fields, key))
        problems.push({ path: [...path, key], message: "the schema has no such attribute" });
    }
  }
  const made = {};
  for (const key of keysOf(fields)) {
    const has = Object.hasOwn(value, key);
    put(made, key, has ? into(key, value[key], fields[key]!, path, problems, visit, lenient) : null);
  }
  return made;
}

function misfit(value: unknown, type: TfType, path: Path, problems: Problem[]): null {
  problems.push({ path: [...path], message: `expected ${name(type)}, found ${kindOf(value)}` });
  return null;
}

const decimal = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A number if JavaScript can represent it exactly, else its text. */
function exactNumber(text: string): number | string {
  const number = Number(text);
  return Number.isInteger(number)
    ? Number.isSafeInteger(number)
      ? number
      : text
    : String(number) === text
      ? number
      : text;
}

function toTf(value: unknown, type: TfType, path: Path, problems: Problem[], lenient: boolean): TfValue {
  if (value === null || value === undefined) return null;
  if (isUnknown(value)) return UNKNOWN;
  if (type === "dynamic" && Array.isArray(value) && value.length === 2 && value[0] instanceof Uint8Array) {
    return toTf(value[1], JSON.parse(Buffer.from(value[0]).toString("utf8")) as TfType, path, problems, lenient);
  }
  const simple = typeof type === "string" ? simpleToTf(value, type) : undefined;
  return simple ?? (collections(value, type, path, problems, toTf, lenient) as TfValue);
}

/** A text, a truth value or a number; undefined: the value is none of the type. */
function simpleToTf(value: unknown, type: string): string | boolean | number | undefined {
  switch (type) {
    case "string":
      return typeof value === "string" ? value : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "number":
      if (typeof value === "number") return value;
      if (typeof value === "bigint") return exactNumber(value.toString());
      return typeof value === "string" && decimal.test(value) ? exactNumber(value) : undefined;
    default:
      return undefined;
  }
}

/** The type of a value in a "dynamic" attribute. */
function inferType(value: unknown): TfType {
  if (Array.isArray(value)) return ["tuple", value.map(inferType)] as unknown as TfType;
  if (isPlain(value))
    return [
      "object",
      Object.fromEntries(
        Object.keys(value)
          .sort()
          .map((k) => [k, inferType(value[k])]),
      ),
    ];
  return typeof value === "boolean"
    ? "bool"
    : typeof value === "number"
      ? "number"
      : typeof value === "string"
        ? "string"
        : "dynamic";
}

function toWire(value: unknown, type: TfType, path: Path, problems: Problem[], lenient: boolean): unknown {
  if (value === null || value === undefined) return null;
  if (isUnknown(value)) return unknownOnWire;
  if (type === "dynamic") {
    const inferred = inferType(value);
    return [
      new TextEncoder().encode(JSON.stringify(inferred)),
      inferred === "dynamic" ? null : toWire(value, inferred, path, problems, lenient),
    ];
  }
  if (typeof type === "string" && isSimple(value, type)) return value;
  const made = collections(value, type, path, problems, toWire, lenient);
  return Array.isArray(made) && name(type) === "set" ? sortedSet(made) : made;
}

/** Whether a value goes to the wire as it is. */
function isSimple(value: unknown, type: string): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "bool":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number" ? Number.isFinite(value) : typeof value === "string" && decimal.test(value);
    default:
      return false;
  }
}

/** Sorts by encoded bytes, so that equal sets have equal encodings. Equal known elements are merged; unknown ones are not. */
function sortedSet(elements: unknown[]): unknown[] {
  const keyed = elements.map((element) => ({ element, bytes: encoder.encode(element) }));
  keyed.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  return keyed
    .filter(
      ({ element, bytes }, i) =>
        i === 0 || element === unknownOnWire || Buffer.compare(bytes, keyed[i - 1]!.bytes) !== 0,
    )
    .map(({ element }) => element);
}

/**
 * Encodes a value of a type as msgpack. Anything that does not match is written as null and reported in `problems`, so that one wrong
 * attribute does not lose the rest of a state. With `lenient`, attributes that the schema lacks are dropped silently (an older state).
 */
export function encodeValue(value: TfValue, type: TfType, problems: Problem[], lenient = false): Buffer {
  const bytes = encoder.encode(toWire(value, type, [], problems, lenient));
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Decodes msgpack, or JSON if that was sent. @throws Error for bytes that cannot be decoded */
export function decodeValue(
  wire: { msgpack: Uint8Array; json: Uint8Array } | undefined,
  type: TfType,
  problems: Problem[],
): TfValue {
  if (wire !== undefined && wire.msgpack.length > 0) {
    let raw: unknown;
    try {
      raw = decoder.decode(wire.msgpack);
    } catch (error) {
      // A map key that JavaScript objects cannot have (`__proto__`), or invalid bytes.
      problems.push({ path: [], message: error instanceof Error ? error.message : String(error) });
      return null;
    }
    return toTf(raw, type, [], problems, false);
  }
  if (wire !== undefined && wire.json.length > 0) return toTf(parseJson(wire.json), type, [], problems, false);
  return null;
}

/** Whether a value is null or missing, without decoding it. */
export function isNullValue(wire: { msgpack: Uint8Array; json: Uint8Array } | undefined): boolean {
  if (wire === undefined) return true;
  if (wire.msgpack.length > 0) return wire.msgpack.length === 1 && wire.msgpack[0] === 0xc0;
  return wire.json.length === 0 || parseJson(wire.json) === null;
}

/** Converts parsed JSON of a state to a type; attributes that the type lacks are dropped. */
export function fitJson(value: unknown, type: TfType, problems: Problem[]): TfValue {
  return toTf(value, type, [], problems, true);
}
