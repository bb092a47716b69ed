import * as pulumi from "@pulumi/pulumi";
import type { SnapshotOutputs } from "./args";
import { attributes, pulumiName } from "./properties";

/** The engine fills in what is there, given or not. */
const none = Object.fromEntries(attributes.map((attribute) => [pulumiName(attribute), undefined]));

// The outputs have their types and docstrings from the one table.
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type
export interface SnapshotResource extends SnapshotOutputs {}

/** What the classes of both providers are: a resource with the outputs of the one table. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export abstract class SnapshotResource extends pulumi.CustomResource {
  protected constructor(type: string, name: string, inputs: Record<string, unknown>, opts: pulumi.CustomResourceOptions) {
    super(type, name, { ...none, ...inputs } as pulumi.Inputs, opts);
  }
}

/** Whether a value is a resource of this type, of whichever copy of this package. */
export function isOfType(value: unknown, type: string): boolean {
  return typeof value === "object" && value !== null && (value as { __pulumiType?: unknown }).__pulumiType === type;
}
