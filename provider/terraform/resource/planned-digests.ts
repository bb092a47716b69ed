import { decode } from "@msgpack/msgpack";

/** What a saved plan has for a snapshot: the values of one resource after the apply. */
export interface PlannedSnapshot {
  /** null: not known until the apply. */
  readonly name: string | null;
  readonly namePrefix: string | null;
  readonly image: string | null;
  /** null: none; undefined: not known until the apply. */
  readonly imageDigest: string | null | undefined;
}

/** Fields of `tfplan`, the same in Terraform and OpenTofu: Plan.resource_changes, ResourceInstanceChange.change, Change.values, DynamicValue.msgpack. */
const PATH = [3, 9, 2, 1] as const;

/**
 * The snapshots that a saved plan changes, as they will be. Other resources, and what cannot be read, are left out.
 * @param plan the bytes of `tfplan`
 */
export function plannedSnapshots(plan: Uint8Array): PlannedSnapshot[] {
  const found: PlannedSnapshot[] = [];
  for (const change of fieldsOf(plan, PATH[0]).flatMap((resource) => fieldsOf(resource, PATH[1]))) {
    // Before and after; one of them where it is created or deleted.
    const after = fieldsOf(change, PATH[2]).at(-1);
    const bytes = after === undefined ? undefined : fieldsOf(after, PATH[3])[0];
    const values = bytes === undefined ? null : valuesOf(bytes);
    if (values !== null && "image_digest" in values && "image" in values)
      found.push({
        name: textOf(values["name"]) ?? null,
        namePrefix: textOf(values["name_prefix"]) ?? null,
        image: textOf(values["image"]) ?? null,
        imageDigest: textOf(values["image_digest"]),
      });
  }
  return found;
}

function valuesOf(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const values = decode(bytes);
    return typeof values === "object" && values !== null ? (values as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** undefined: an unknown value, which msgpack has as an extension. */
function textOf(value: unknown): string | null | undefined {
  return typeof value === "string" || value === null ? value : undefined;
}

/** The contents of one field of a protobuf message that has a length; empty where the bytes are none. */
function fieldsOf(message: Uint8Array, field: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let factor = 1; at < message.length; factor *= 128) {
      const byte = message[at++] as number;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    return NaN;
  };
  while (at < message.length) {
    const key = number();
    const type = key % 8;
    if (type === 0) number();
    else if (type === 1) at += 8;
    else if (type === 5) at += 4;
    else if (type === 2) {
      const length = number();
      if (Number.isNaN(length) || at + length > message.length) return found;
      if (Math.floor(key / 8) === field) found.push(message.subarray(at, at + length));
      at += length;
    } else return found;
  }
  return found;
}
