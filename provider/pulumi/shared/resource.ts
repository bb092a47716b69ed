import * as pulumi from "@pulumi/pulumi";
import type { SnapshotOutputs } from "./args";
import { attributes, pulumiName } from "./properties";

/** Every output must be declared, so that the engine fills it in. */
const none = Object.fromEntries(attributes.map((attribute) => [pulumiName(attribute), undefined]));

// The outputs get their types and docstrings from the attribute table.
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type
export interface SnapshotResource extends SnapshotOutputs {}

/** Base of the classes of both providers: a resource with the outputs of the attribute table. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export abstract class SnapshotResource extends pulumi.CustomResource {
  protected constructor(
    type: string,
    name: string,
    inputs: Record<string, unknown>,
    opts: pulumi.CustomResourceOptions,
  ) {
    super(type, name, { ...none, ...inputs } as pulumi.Inputs, opts);
  }
}

/** Whether a value is a resource of this type, from any copy of this package. */
export function isOfType(value: unknown, type: string): boolean {
  return typeof value === "object" && value !== null && (value as { __pulumiType?: unknown }).__pulumiType === type;
}
