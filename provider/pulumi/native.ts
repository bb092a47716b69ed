import * as pulumi from "@pulumi/pulumi";
import type * as plain from "../snapshot/types.gen";
import { plainSource } from "../source/image";
import { version } from "../version.gen";
import type { SnapshotArgs } from "./shared/args";
import { SnapshotResource, isOfType } from "./shared/resource";

export type { ImageObject, SnapshotArgs, SnapshotOutputs } from "./shared/args";
export type { GetRegionsResult, GetSnapshotArgs, GetSnapshotResult, GetSnapshotsArgs, GetSnapshotsResult } from "../snapshot/types.gen";

const TYPE = "daytona:index:Snapshot";
/** Where the engine gets the plugin from if it is not there; as in schema.json. */
const PLUGIN = { version, pluginDownloadURL: "github://api.github.com/daytona-iac/daytona-iac" };

type ProviderInputs = { [K in keyof plain.ProviderArgs]: pulumi.Input<Exclude<plain.ProviderArgs[K], undefined>> | undefined };

/** Arguments of an explicit provider. They win over stack configuration and environment. */
export type ProviderArgs = ProviderInputs;

/** A connection of its own, for the resources that name it in `provider`. */
export class Provider extends pulumi.ProviderResource {
  constructor(name: string, args: ProviderArgs = {}, opts: pulumi.ResourceOptions = {}) {
    const secret = (value: pulumi.Input<string> | undefined) => (value === undefined ? undefined : pulumi.secret(value));
    // The engine takes everything that is no string as JSON text.
    const maxConcurrency = args.maxConcurrency === undefined ? undefined : pulumi.output(args.maxConcurrency).apply((value) => JSON.stringify(value));
    super("daytona", name, { ...args, apiKey: secret(args.apiKey), jwtToken: secret(args.jwtToken), maxConcurrency }, pulumi.mergeOptions(PLUGIN, opts));
  }
}

/**
 * A Daytona snapshot by the native provider (`daytona-iac install --pulumi`): the same arguments and outputs as the class of
 * `daytona-iac/pulumi`, and also `import`, live progress, timeouts and several connections. A stack that used the dynamic
 * one moves here without a change.
 */
export class Snapshot extends SnapshotResource {
  /** Refers to a snapshot that is there, by its name, without managing it. */
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
   * @throws Error for an `Image` object with local files
   */
  constructor(name: string, args: SnapshotArgs = {}, opts: pulumi.CustomResourceOptions = {}) {
    const inputs = opts.id === undefined ? { ...args, ...plainSource(args, `Snapshot "${name}"`) } : {};
    const defaults = { ...PLUGIN, aliases: [{ type: "pulumi-nodejs:dynamic/daytona:Snapshot" }] };
    super(TYPE, name, inputs, pulumi.mergeOptions(defaults, opts));
  }
}

type Lookup<Args> = { [K in keyof Args]: pulumi.Input<Exclude<Args[K], undefined>> | undefined };

/** One snapshot by `snapshotId` or `name`, with the fields that change by themselves (`GET /snapshots/{id or name}`). */
export function getSnapshot(args: Lookup<plain.GetSnapshotArgs>, opts: pulumi.InvokeOptions = {}): pulumi.Output<plain.GetSnapshotResult> {
  return call("getSnapshot", args, opts);
}

/** The organization's snapshots, all pages, oldest first (`GET /snapshots`). */
export function getSnapshots(args: Lookup<plain.GetSnapshotsArgs> = {}, opts: pulumi.InvokeOptions = {}): pulumi.Output<plain.GetSnapshotsResult> {
  return call("getSnapshots", args, opts);
}

/** The regions that the organization can use (`GET /regions`). */
export function getRegions(opts: pulumi.InvokeOptions = {}): pulumi.Output<plain.GetRegionsResult> {
  return call("getRegions", {}, opts);
}

function call<Result>(name: string, args: object, opts: pulumi.InvokeOptions): pulumi.Output<Result> {
  return pulumi.runtime.invokeOutput<Result>(`daytona:index:${name}`, { ...args }, { ...PLUGIN, ...opts });
}
