/** Narrower types for the generated arguments of the constructs, so that more errors show at compile time. Shared by both frameworks. */

import type { ImageObject } from "../source/image";

/** Exactly one of `image`, `dockerfile`, `dockerfileContent`, `localImage` and `sourceSandbox`. */
export type SnapshotSource =
  | {
      readonly image?: undefined;
      /**
       * Path of a Dockerfile, relative to the working directory of the program. Its folder is the build context unless `contextDir` is set. An absolute
       * path inside the project is written as a relative one, the same on every machine. The path of a `TerraformAsset` and `${path.module}/…` are kept.
       */
      readonly dockerfile: string;
      readonly dockerfileContent?: undefined;
      readonly localImage?: undefined;
      readonly sourceSandbox?: undefined;
    }
  | {
      /**
       * Image in a registry, with a tag or a digest (`ubuntu:24.04`). Or an `Image` object of the official SDK: its
       * Dockerfile is built with the local files that it uses.
       */
      readonly image: string | ImageObject;
      readonly dockerfile?: undefined;
      readonly dockerfileContent?: undefined;
      readonly localImage?: undefined;
      readonly sourceSandbox?: undefined;
    }
  | {
      readonly image?: undefined;
      readonly dockerfile?: undefined;
      /**
       * Text of a Dockerfile. `${` and `%{` belong to the Dockerfile, not to Terraform, so they are escaped. If the text contains a token of the
       * framework (a reference to another resource), it is not escaped: write `$${` for a literal `${`.
       */
      readonly dockerfileContent: string;
      readonly localImage?: undefined;
      readonly sourceSandbox?: undefined;
    }
  | {
      readonly image?: undefined;
      readonly dockerfile?: undefined;
      readonly dockerfileContent?: undefined;
      /**
       * Image for linux/amd64 in the local Docker engine (`agent:dev`), or an archive: `oci-archive:FILE`, `oci:FOLDER` or `docker-archive:FILE`,
       * with a path relative to the working directory of the program. It is pushed to Daytona's registry.
       */
      readonly localImage: string;
      readonly sourceSandbox?: undefined;
    }
  | {
      readonly image?: undefined;
      readonly dockerfile?: undefined;
      readonly dockerfileContent?: undefined;
      readonly localImage?: undefined;
      /** Name or ID of the sandbox to create the snapshot from, as it is at that time. */
      readonly sourceSandbox: string;
    };

/** Exactly one of `name` and `namePrefix`. */
export type SnapshotName =
  | {
      /** Name, unique in the organization. Never derived from the construct's ID. */
      readonly name: string;
      readonly namePrefix?: undefined;
    }
  | {
      readonly name?: undefined;
      /** Beginning of a generated name, which ends in 26 characters that sort by time. */
      readonly namePrefix: string;
    };

/** How to apply a change of the source or the resources. Default: `swap`. */
export type SnapshotReplacement = "swap" | "recreate";

type Narrowed =
  "image" | "dockerfile" | "dockerfileContent" | "localImage" | "sourceSandbox" | "name" | "namePrefix" | "replacement";

/** `Generated` with exactly one source, exactly one of `name` and `namePrefix`, and the possible values of `replacement`. */
export type NarrowedConfig<Generated> = Omit<Generated, Narrowed> & {
  /**
   * How to apply a change of the source or the resources. `swap` creates a successor and waits until it is active, then deletes the old
   * snapshot and recreates it under its name. `recreate` deletes the old snapshot, then creates the new one. Default: `swap`.
   */
  readonly replacement?: SnapshotReplacement | undefined;
} & SnapshotSource &
  SnapshotName;

/** Exactly one of `password` and `passwordWo`. */
export type RegistryPassword =
  | {
      /**
       * Password or access token. Take it from a variable, because synth writes values to a file. It is sent when the registry is created and when it
       * changes, and it is stored in the state.
       */
      readonly password: string;
      readonly passwordWo?: undefined;
      readonly passwordWoVersion?: undefined;
    }
  | {
      readonly password?: undefined;
      /**
       * The same, but write-only: it is never stored in a plan or a state. Requires Terraform 1.11 or OpenTofu 1.11 and later (for cdktn, declare
       * that in `targetVersions`, in cdktf.json or in the context of the App). Increase `passwordWoVersion` to send a new one.
       */
      readonly passwordWo: string;
      /** Version number of the password in `passwordWo`. Any change to it sends `passwordWo` again. */
      readonly passwordWoVersion?: number | undefined;
    };

/** `Generated` with exactly one password. */
export type NarrowedRegistryConfig<Generated> = Omit<Generated, keyof RegistryPassword> & RegistryPassword;
