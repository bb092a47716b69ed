import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
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

/** The contents of one field of a protobuf message that has a length; what cannot be read ends them. */
function fieldsOf(message: Uint8Array, field: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = new BinaryReader(message);
  try {
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag();
      if (number === field && type === WireType.LengthDelimited) found.push(reader.bytes());
      else reader.skip(type, number);
    }
  } catch {
    // These bytes are no such message, or only its beginning.
  }
  return found;
}
