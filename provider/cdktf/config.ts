/** What the constructs' arguments are, over the generated ones: more is said at compile time. The same for both frameworks. */

import type { ImageObject } from "../source/image";

/** Exactly one of `image`, `dockerfile`, `dockerfileContent`, `localImage` and `sourceSandbox`. */
export type SnapshotSource =
  | {
      readonly image?: undefined;
      /**
       * Path of a Dockerfile, relative to the working directory of the program. Its folder is the build context unless `contextDir` is set. An absolute
       * path inside the project is written as a relative one, the same on every machine; the path of a `TerraformAsset` and `${path.module}/…` stay.
       */
      readonly dockerfile: string;
      readonly dockerfileContent?: undefined;
      readonly localImage?: undefined;
      readonly sourceSandbox?: undefined;
    }
  | {
      /**
       * Image in a registry, with a tag or a digest (`ubuntu:24.04`), or an `Image` object of the official SDK: then its
       * Dockerfile is built, with the local files that it uses.
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
       * Text of a Dockerfile. `${` and `%{` are the Dockerfile's own, not Terraform's: they are escaped, unless the text
       * holds a token of the framework (a reference to another resource); then it is left as it is, and `$${` is a literal `${`.
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
      /** Name or ID of a sandbox that the snapshot is taken from, as it is when the snapshot is created. */
      readonly sourceSandbox: string;
    };

/** Exactly one of `name` and `namePrefix`. */
export type SnapshotName =
  | {
      /** Name, unique in the organization. Never derived from the construct's id. */
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

/** `Generated` with source and name exactly one of, and `replacement` one of its values. */
export type NarrowedConfig<Generated> = Omit<Generated, Narrowed> & {
  /**
   * How to apply a change of the source or the resources. `swap` creates a successor and waits until it is active, then deletes the old
   * snapshot and creates the name again. `recreate` deletes the old snapshot, then creates the new one. Default: `swap`.
   */
  readonly replacement?: SnapshotReplacement | undefined;
} & SnapshotSource &
  SnapshotName;

/** Exactly one of `password` and `passwordWo`. */
export type RegistryPassword =
  | {
      /**
       * Password or access token, from a variable: what synth writes is a file. It is sent when the registry is created and when it changes,
       * and it is stored in the state.
       */
      readonly password: string;
      readonly passwordWo?: undefined;
      readonly passwordWoVersion?: undefined;
    }
  | {
      readonly password?: undefined;
      /**
       * The same, but write-only: it is never stored in a plan or a state. Requires Terraform 1.11 or OpenTofu 1.11 and later (cdktn wants to read that
       * in `targetVersions`, in cdktf.json or in the context of the App). Raise `passwordWoVersion` to send a new one.
       */
      readonly passwordWo: string;
      /** Number of the password in `passwordWo`. Any change of it sends `passwordWo` again. */
      readonly passwordWoVersion?: number | undefined;
    };

/** `Generated` with exactly one password. */
export type NarrowedRegistryConfig<Generated> = Omit<Generated, keyof RegistryPassword> & RegistryPassword;
