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
 * A Daytona snapshot: the image and resources that sandboxes start from. Creation is complete once it is active. Its Pulumi ID is its name;
 * `snapshotId` is its UUID at the API (`POST /snapshots`).
 *
 * The connection comes from the stack configuration (`daytona:apiKey`, `daytona:apiUrl`, …), otherwise from the environment (`DAYTONA_API_KEY`, …),
 * otherwise from the active profile of the official CLI.
 */
export class Snapshot extends SnapshotResource {
  /**
   * Refers to an existing snapshot without managing it: it is never changed or deleted.
   * @param name logical name in the stack
   * @param id name of the snapshot. A UUID is an error, whose message contains the name
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Snapshot {
    return new Snapshot(name, undefined, { ...opts, id });
  }

  /** Whether a value is a `Snapshot`, from any copy of this package. */
  static override isInstance(value: unknown): value is Snapshot {
    return isOfType(value, TYPE);
  }

  /**
   * Declares a snapshot.
   * @param name logical name in the stack; without `args.name`, the snapshot is named `<logical name>-<7 hex>`
   * @param args must contain exactly one of `image`, `dockerfile`, `dockerfileContent`, `localImage` and `sourceSandbox`
   * @param opts `customTimeouts` take precedence over `timeouts`
   * @throws Error for the option `import`, and for an `Image` object that renames files or is combined with `dockerfileContent`, `contextDir` or `context`
   */
  constructor(name: string, args?: SnapshotArgs, opts: pulumi.CustomResourceOptions = {}) {
    if (opts.import !== undefined) {
      throw new Error(
        `Snapshot "${name}": dynamic providers cannot import. To manage an existing snapshot that matches, set \`adoptExisting: true\`. To refer to one without managing it, use \`Snapshot.get\`. The native provider can import.`,
      );
    }
    const inputs: Record<string, unknown> = plainInputs(name, args ?? {}, opts);
    // Filled in before the request is sent, which waits for every input, and therefore for this one.
    const additionalSecretOutputs = [
      ...(opts.additionalSecretOutputs ?? []),
      ...(isRewritten(opts) ? [...secretOutputs(inputNames.filter((input) => mayBeSecret(inputs[input])))] : []),
    ];
    if (opts.id === undefined) {
      const of = {
        organization: pulumi.getOrganization(),
        project: pulumi.getProject(),
        stack: pulumi.getStack(),
        type: TYPE,
        logicalName: name,
      };
      inputs[AUTO_NAME] = dynamicName(of);
      inputs[SECRETS] = secretInputs(inputs, opts.additionalSecretOutputs ?? []).then((secrets) => {
        for (const output of secretOutputs(secrets))
          if (!additionalSecretOutputs.includes(output)) additionalSecretOutputs.push(output);
        return secrets.length > 0 ? secrets : undefined;
      });
    }
    inputs["__provider"] = SHIM;
    super(TYPE, name, inputs, { ...opts, additionalSecretOutputs });
  }
}

/** Arguments with the Dockerfile of an `Image` object, and with `customTimeouts` as timeouts, because the host does not pass them on. */
function plainInputs(
  logicalName: string,
  args: SnapshotArgs,
  opts: pulumi.CustomResourceOptions,
): Record<string, unknown> {
  const inputs: Record<string, unknown> = { ...args, ...plainSource(args, `Snapshot "${logicalName}"`) };
  const custom = Object.fromEntries(
    Object.entries(opts.customTimeouts ?? {}).filter(([, value]) => value !== undefined),
  );
  if (Object.keys(custom).length > 0) {
    inputs["timeouts"] =
      args.timeouts === undefined
        ? custom
        : pulumi.output(args.timeouts).apply((written) => ({ ...written, ...custom }));
  }
  return inputs;
}

/** Names of the inputs that are secret, completely or in part. */
async function secretInputs(inputs: Record<string, unknown>, named: readonly string[]): Promise<string[]> {
  const found = inputNames.map(async (name) => {
    if (named.includes(name)) return inputs[name] !== undefined;
    const value = inputs[name];
    return typeof value === "object" && value !== null && pulumi.isSecret(pulumi.output(value));
  });
  const secret = await Promise.all(found);
  return inputNames.filter((_, index) => secret[index] === true);
}

/** A transformation can pass on a copy of the options, which is not filled in later. So possible secrets are named at once. */
function isRewritten(opts: pulumi.CustomResourceOptions): boolean {
  const parent = (opts.parent ?? pulumi.runtime.getStackResource()) as { __transformations?: unknown[] } | undefined;
  return (opts.transformations?.length ?? 0) > 0 || (parent?.__transformations?.length ?? 0) > 0;
}

function mayBeSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return pulumi.Output.isInstance(value) || value instanceof Promise || Object.values(value).some(mayBeSecret);
}
