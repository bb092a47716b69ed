import * as pulumi from "@pulumi/pulumi";
import type * as plain from "../resources/types/types.gen";
import { plainSource } from "../source/image";
import { version } from "../version.gen";
import type { SnapshotArgs } from "./shared/args";
import { EXTERNAL } from "./shared/properties";
import { type RegistryArgs, RegistryResource } from "./shared/registry-resource";
import { SnapshotResource, isOfType } from "./shared/resource";

export type { ImageObject, SnapshotArgs, SnapshotOutputs } from "./shared/args";
export type { RegistryArgs, RegistryOutputs } from "./shared/registry-resource";
export type {
  GetRegionsResult,
  GetRegistriesResult,
  GetSnapshotArgs,
  GetSnapshotResult,
  GetSnapshotsArgs,
  GetSnapshotsResult,
} from "../resources/types/types.gen";

const TYPE = "daytona:index:Snapshot";
const REGISTRY = "daytona:index:Registry";
/** Where the engine downloads the plugin if it is not installed, as in schema.json. */
const PLUGIN = { version, pluginDownloadURL: "github://api.github.com/daytona-iac/daytona-iac" };

type ProviderInputs = {
  [K in keyof plain.ProviderArgs]: pulumi.Input<Exclude<plain.ProviderArgs[K], undefined>> | undefined;
};

/** Arguments of an explicit provider. They take precedence over the stack configuration and the environment. */
export type ProviderArgs = ProviderInputs;

/** A separate connection, for the resources that refer to it with `provider`. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, opts: pulumi.ResourceOptions = {}) {
    const secret = (value: pulumi.Input<string> | undefined) =>
      value === undefined ? undefined : pulumi.secret(value);
    // The engine expects values other than strings as JSON.
    const json = (value: pulumi.Input<number | boolean> | undefined) =>
      value === undefined ? undefined : pulumi.output(value).apply((known) => JSON.stringify(known));
    super(
      "daytona",
      name,
      {
        ...args,
        apiKey: secret(args.apiKey),
        jwtToken: secret(args.jwtToken),
        maxConcurrency: json(args.maxConcurrency),
        resolveTags: json(args.resolveTags),
      },
      pulumi.mergeOptions(PLUGIN, opts),
    );
  }
}

/**
 * A Daytona snapshot, managed by the native provider (`daytona-iac install --pulumi`). It has the same arguments and outputs as the class in
 * `daytona-iac/pulumi`, and also supports `import`, live progress, timeouts and several connections. A stack that uses the dynamic provider
 * can switch without changes.
 */
export class Snapshot extends SnapshotResource {
  /** Refers to an existing snapshot by name, without managing it. */
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
   * @throws Error for an `Image` object that renames files, or that is combined with `dockerfileContent`, `contextDir` or `context`
   */
  constructor(name: string, args: SnapshotArgs = {}, opts: pulumi.CustomResourceOptions = {}) {
    // What tells the provider that it is not an import: engines since 3.270 send nothing else that does.
    const inputs =
      opts.id === undefined ? { ...args, ...plainSource(args, `Snapshot "${name}"`) } : { [EXTERNAL]: true };
    const defaults = { ...PLUGIN, aliases: [{ type: "pulumi-nodejs:dynamic/daytona:Snapshot" }] };
    super(TYPE, name, inputs, pulumi.mergeOptions(defaults, opts));
  }
}

/**
 * Credentials with which Daytona pulls private images, managed by the native provider. Its Pulumi ID is its UUID. The password is always a
 * secret. Set `dependsOn` for the snapshots that need it, so that it is created first. It can be imported by UUID or by a unique name.
 */
export class Registry extends RegistryResource {
  /** Refers to an existing registry by UUID or by a unique name, without managing it. */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Registry {
    return new Registry(name, undefined, { ...opts, id });
  }

  /** Whether a value is a `Registry`, from any copy of this package. */
  static override isInstance(value: unknown): value is Registry {
    return isOfType(value, REGISTRY);
  }

  /** Declares a registry. @param name logical name in the stack */
  constructor(name: string, args?: RegistryArgs, opts: pulumi.CustomResourceOptions = {}) {
    super(
      REGISTRY,
      name,
      { ...args },
      pulumi.mergeOptions({ ...PLUGIN, aliases: [{ type: "pulumi-nodejs:dynamic/daytona:Registry" }] }, opts),
    );
  }
}

type Lookup<Args> = { [K in keyof Args]: pulumi.Input<Exclude<Args[K], undefined>> | undefined };

/** Returns one snapshot by `snapshotId` or `name`, including the fields that the API changes on its own (`GET /snapshots/{id or name}`). */
export function getSnapshot(
  args: Lookup<plain.GetSnapshotArgs>,
  opts: pulumi.InvokeOptions = {},
): pulumi.Output<plain.GetSnapshotResult> {
  return call("getSnapshot", args, opts);
}

/** Returns all snapshots of the organization, oldest first (`GET /snapshots`, all pages). */
export function getSnapshots(
  args: Lookup<plain.GetSnapshotsArgs> = {},
  opts: pulumi.InvokeOptions = {},
): pulumi.Output<plain.GetSnapshotsResult> {
  return call("getSnapshots", args, opts);
}

/** Returns the regions that the organization can use (`GET /regions`). */
export function getRegions(opts: pulumi.InvokeOptions = {}): pulumi.Output<plain.GetRegionsResult> {
  return call("getRegions", {}, opts);
}

/** Returns the registries of the organization, newest first, without passwords (`GET /docker-registry`). */
export function getRegistries(opts: pulumi.InvokeOptions = {}): pulumi.Output<plain.GetRegistriesResult> {
  return call("getRegistries", {}, opts);
}

function call<Result>(name: string, args: object, opts: pulumi.InvokeOptions): pulumi.Output<Result> {
  return pulumi.runtime.invokeOutput<Result>(`daytona:index:${name}`, { ...args }, { ...PLUGIN, ...opts });
}
