import type * as pulumi from "@pulumi/pulumi";
import type * as plain from "../../resources/types/types.gen";
import type { ImageObject } from "../../source/image";

export type { ImageObject } from "../../source/image";

type In<T> = [T] extends [readonly (infer Item)[]]
  ? pulumi.Input<pulumi.Input<Item>[]>
  : [T] extends [object]
    ? pulumi.Input<{ [K in keyof T]: In<Exclude<T[K], undefined>> | undefined }>
    : pulumi.Input<T>;

/** A mapped type, so that every input keeps its docstring from the attribute table. */
type Inputs = { [K in keyof plain.SnapshotArgs]: In<Exclude<plain.SnapshotArgs[K], undefined>> | undefined };

/** Arguments of a snapshot. Exactly one of `image`, `dockerfile`, `dockerfileContent`, `localImage` and `sourceSandbox` is required. */
export interface SnapshotArgs extends Omit<Inputs, "image"> {
  /**
   * Image in a registry, with a tag or a digest, such as `ubuntu:24.04`. The API does not accept the tag `latest`. Alternatively, an `Image` object
   * of the official SDK: its Dockerfile is built with the local files that it uses. Exactly one of `image`, `dockerfile`,
   * `dockerfileContent`, `localImage` and `sourceSandbox` is required.
   */
  image?: pulumi.Input<string> | ImageObject | undefined;
}

type Always = "name" | "cpu" | "memory" | "disk" | "gpu" | "active" | "replacement" | "adoptExisting";
type Out<T, K> = K extends Always ? Exclude<T, null | undefined> : null extends T ? Exclude<T, null> | undefined : T;
type Outputs<T> = { readonly [K in keyof T]-?: pulumi.Output<Out<T[K], K>> };

/** Outputs of a `Snapshot`: its inputs with their defaults, and what the API reports. Missing values are undefined. */
export type SnapshotOutputs = Outputs<{
  [K in keyof plain.SnapshotArgs]: K extends Always ? plain.SnapshotArgs[K] : plain.SnapshotArgs[K] | undefined;
}> &
  Outputs<plain.SnapshotResult>;
