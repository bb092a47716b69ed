import * as pulumi from "@pulumi/pulumi";
import { plainSource } from "../../source/image";
import type { SnapshotArgs } from "../shared/args";
import { dynamicName } from "../shared/check";
import { inputAttributes, pulumiName } from "../shared/properties";
import { SnapshotResource, isOfType } from "../shared/resource";
import { secretOutputs } from "../shared/secrets";
import { AUTO_NAME, SECRETS } from "./hidden";
import { SHIM } from "./shim";

const TYPE = "pulumi-nodejs:dynamic/daytona:Snapshot";
const inputNames = inputAttributes.map(pulumiName);

/**
 * A Daytona snapshot: the image, with its resources, that sandboxes start from. It counts as made once it is active. Its Pulumi
 * id is its name; `snapshotId` is the UUID at the API (`POST /snapshots`).
 *
 * The connection comes from the stack configuration (`daytona:apiKey`, `daytona:apiUrl`, …), else from the environment
 * (`DAYTONA_API_KEY`, …), else from the profile of the official command line tool.
 */
export class Snapshot extends SnapshotResource {
  /**
   * Refers to a snapshot that is there, without managing it: nothing of it is ever changed or deleted.
   * @param name logical name in the stack
   * @param id the snapshot's name; its UUID is refused, with the name in the message
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Snapshot {
    return new Snapshot(name, undefined, { ...opts, id });
  }

  /** Whether a value is a `Snapshot`, of whichever copy of this package. */
  static override isInstance(value: unknown): value is Snapshot {
    return isOfType(value, TYPE);
  }

  /**
   * Declares a snapshot.
   * @param name logical name in the stack; where `args.name` is not given, the snapshot is called `<logical name>-<7 hex>`
   * @param args exactly one of `image` and `dockerfileContent` has to be among them
   * @param opts `customTimeouts` win over `timeouts`
   * @throws Error for an `Image` object with local files, and for the option `import`
   */
  constructor(name: string, args?: SnapshotArgs, opts: pulumi.CustomResourceOptions = {}) {
    if (opts.import !== undefined) {
      throw new Error(`Snapshot "${name}": dynamic providers cannot import. To manage an existing snapshot that matches, set \`adoptExisting: true\`. To refer to one without managing it, use \`Snapshot.get\`. The native provider can import.`);
    }
    const inputs: Record<string, unknown> = plainInputs(name, args ?? {}, opts);
    // Filled in before the request is made, which waits for every input, and so for this one.
    const additionalSecretOutputs = [...(opts.additionalSecretOutputs ?? []), ...(isRewritten(opts) ? [...secretOutputs(inputNames.filter((input) => mayBeSecret(inputs[input])))] : [])];
    if (opts.id === undefined) {
      const of = { organization: pulumi.getOrganization(), project: pulumi.getProject(), stack: pulumi.getStack(), type: TYPE, logicalName: name };
      inputs[AUTO_NAME] = dynamicName(of);
      inputs[SECRETS] = secretInputs(inputs, opts.additionalSecretOutputs ?? []).then((secrets) => {
        for (const output of secretOutputs(secrets)) if (!additionalSecretOutputs.includes(output)) additionalSecretOutputs.push(output);
        return secrets.length > 0 ? secrets : undefined;
      });
    }
    inputs["__provider"] = SHIM;
    super(TYPE, name, inputs, { ...opts, additionalSecretOutputs });
  }
}

/** Arguments with an `Image` object as its Dockerfile, and `customTimeouts`, which the host does not hand on, among the timeouts. */
function plainInputs(logicalName: string, args: SnapshotArgs, opts: pulumi.CustomResourceOptions): Record<string, unknown> {
  const inputs: Record<string, unknown> = { ...args, ...plainSource(args, `Snapshot "${logicalName}"`) };
  const custom = Object.fromEntries(Object.entries(opts.customTimeouts ?? {}).filter(([, value]) => value !== undefined));
  if (Object.keys(custom).length > 0) {
    inputs["timeouts"] = args.timeouts === undefined ? custom : pulumi.output(args.timeouts).apply((written) => ({ ...written, ...custom }));
  }
  return inputs;
}

/** Names of the inputs that are secrets, wholly or in part. */
async function secretInputs(inputs: Record<string, unknown>, named: readonly string[]): Promise<string[]> {
  const found = inputNames.map(async (name) => {
    if (named.includes(name)) return inputs[name] !== undefined;
    const value = inputs[name];
    return typeof value === "object" && value !== null && pulumi.isSecret(pulumi.output(value));
  });
  const secret = await Promise.all(found);
  return inputNames.filter((_, index) => secret[index] === true);
}

/** Transformations may hand on a copy of the options, which is then not filled in later: what could be a secret is named at once. */
function isRewritten(opts: pulumi.CustomResourceOptions): boolean {
  const parent = (opts.parent ?? pulumi.runtime.getStackResource()) as { __transformations?: unknown[] } | undefined;
  return (opts.transformations?.length ?? 0) > 0 || (parent?.__transformations?.length ?? 0) > 0;
}

function mayBeSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return pulumi.Output.isInstance(value) || value instanceof Promise || Object.values(value).some(mayBeSecret);
}
