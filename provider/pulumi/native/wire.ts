import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { UNKNOWN, isUnknown } from "../../kit/unknown";
import { type Bag, UNKNOWN_TEXT, type Value, isUnknownText } from "../shared";

/** Marks an object on the wire as a special value. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Received properties with secrets decrypted, and the names of those that are or contain secrets. */
export interface Received {
  bag: Bag;
  secrets: Set<string>;
}

export function received(struct: Struct | undefined): Received {
  const bag: Bag = {};
  const secrets = new Set<string>();
  for (const [name, value] of Object.entries((struct?.toJavaScript() ?? {}) as { [name: string]: Json })) {
    bag[name] = open(value, () => secrets.add(name));
  }
  return { bag, secrets };
}

function open(value: Json, secret: () => void): Value {
  if (typeof value === "string") return isUnknownText(value) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map((item) => open(item, secret));
  if (typeof value !== "object" || value === null) return value;
  switch (value[SIGNATURE]) {
    case SECRET:
      secret();
      return open(value["value"] ?? null, secret);
    case OUTPUT:
      if (value["secret"] === true) secret();
      return value["value"] === undefined ? UNKNOWN : open(value["value"], secret);
    case RESOURCE:
      return open(value["id"] ?? null, secret);
    default:
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, open(item, secret)]));
  }
}

/** Properties for the engine. Those in `secrets` are wrapped as secrets if the engine supports them. */
export function toStruct(bag: Bag, secrets: ReadonlySet<string>): Struct {
  const fields: { [name: string]: Json } = {};
  for (const [name, value] of Object.entries(bag)) {
    const plain = close(value);
    fields[name] = secrets.has(name) && value !== null ? { [SIGNATURE]: SECRET, value: plain } : plain;
  }
  return Struct.fromJavaScript(fields);
}

function close(value: Value): Json {
  if (isUnknown(value)) return UNKNOWN_TEXT;
  if (Array.isArray(value)) return value.map(close);
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, close(item)]))
    : value;
}
