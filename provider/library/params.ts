import type { InputOf } from "../resources/snapshot/attributes";
import type { SnapshotInputs } from "../resources/snapshot/record";
import type { ImageObject } from "../source/image";
import { InvalidArgumentError } from "./errors";

/** Resources of each sandbox. Default: the API's values. */
export interface Resources {
  /** CPU cores. */
  cpu?: number;
  /** Number of GPUs, 0 or 1. */
  gpu?: number;
  /** Preferred GPU type, such as `H100`, or several in order of preference. */
  gpuType?: string | string[];
  /** Memory in GiB. */
  memory?: number;
  /** Disk size in GiB. */
  disk?: number;
}

export interface CreateSnapshotParams {
  /** Name of the snapshot, unique in the organization. */
  name: string;
  /** Image in a registry, with a tag or a digest. Or an `Image` of the official SDK, which is built with the local files that it uses. */
  image: string | ImageObject;
  resources?: Resources;
  /** Command that sandboxes run when they start. */
  entrypoint?: string[];
  /** Whether to create the snapshot from the digest that the image's tag currently resolves to. Default: false. */
  pinDigest?: boolean;
  /** ID of the region. Default: `region` of the service, otherwise the organization's default region. */
  regionId?: string;
  /** Sandbox class, such as `container` or `linux-vm`. Default: the API's. */
  sandboxClass?: string;
}

/** Parameters of a snapshot that is created from a sandbox. It has the resources, the class and the region of the sandbox. */
export interface CreateFromSandboxParams {
  /** Name of the snapshot, unique in the organization. */
  name: string;
  /** Name or ID of a sandbox that is started or stopped. */
  sandbox: string;
  /** Whether to include the memory of the sandbox, which must be a running VM. Default: false. */
  includeMemory?: boolean;
}

/** Parameters that cannot be combined with `sandbox`, because the sandbox defines them. */
const OF_THE_SANDBOX = ["image", "resources", "entrypoint", "regionId", "sandboxClass"] as const;

/** Whether the snapshot is one of a sandbox. @param doing as in `onlyImage` @throws InvalidArgumentError for what only other sources have */
export function isFromSandbox(
  params: CreateSnapshotParams | CreateFromSandboxParams,
  doing: string,
): params is CreateFromSandboxParams {
  const written = params as Partial<CreateSnapshotParams & CreateFromSandboxParams>;
  if (written.sandbox === undefined || written.sandbox === null) {
    if (written.includeMemory !== undefined)
      throw new InvalidArgumentError(`${doing}: includeMemory without a sandbox\nSet sandbox, or remove it.`);
    return false;
  }
  const wrong = OF_THE_SANDBOX.find((name) => written[name] !== undefined && written[name] !== null);
  if (wrong !== undefined)
    throw new InvalidArgumentError(
      `${doing}: ${wrong} cannot be combined with sandbox\nA snapshot of a sandbox gets these values from the sandbox. Remove ${wrong}.`,
    );
  return true;
}

/** Inputs that the source of a call sets: an image, an `Image` object, a local image, or a sandbox. */
export const SOURCE_INPUTS = [
  "image",
  "dockerfileContent",
  "contextDir",
  "context",
  "localImage",
  "sourceSandbox",
  "includeMemory",
  "entrypoint",
] as const satisfies readonly InputOf<"library">[];
export type SourceInput = (typeof SOURCE_INPUTS)[number];

/** A snapshot of a sandbox cannot be replaced: whether the sandbox has changed is not known. @throws InvalidArgumentError */
export function refuseSandbox(params: object, doing: string): void {
  if (((params as { sandbox?: unknown }).sandbox ?? null) === null) return;
  throw new InvalidArgumentError(
    `${doing}: replace does not accept a sandbox\nThe API does not report whether the sandbox has changed. Delete the snapshot first, or choose another name.`,
  );
}

/**
 * Refuses what programs in plain JavaScript may write: a source that `create` does not have, or none.
 * @param doing beginning of the message: `creating snapshot "x"`
 * @throws InvalidArgumentError
 */
export function onlyImage(params: CreateSnapshotParams, doing: string): void {
  const written = params as CreateSnapshotParams & Partial<Record<SourceInput | "dockerfile", unknown>>;
  const given = (name: keyof typeof written): boolean => written[name] !== undefined && written[name] !== null;
  if (given("localImage"))
    throw new InvalidArgumentError(`${doing}: create has no localImage\nCall push(localImage, params) instead.`);
  const build = (["dockerfile", "dockerfileContent", "contextDir", "context"] as const).find(given);
  if (build !== undefined)
    throw new InvalidArgumentError(
      `${doing}: create has no ${build}\nSet image to an Image object, such as Image.fromDockerfile("Dockerfile").`,
    );
  if (!given("image"))
    throw new InvalidArgumentError(
      `${doing}: image is missing\nSet it to an image in a registry or to an Image object. For a local image, call push(localImage, params).`,
    );
}

type ParamInput = Exclude<InputOf<"library">, SourceInput>;

/** How parameters write the other inputs of a snapshot. */
const PARAMS: {
  [Name in ParamInput]: (params: Omit<CreateSnapshotParams, "image">) => SnapshotInputs[Name] | undefined;
} = {
  cpu: ({ resources }) => resources?.cpu,
  memory: ({ resources }) => resources?.memory,
  disk: ({ resources }) => resources?.disk,
  gpu: ({ resources }) => resources?.gpu,
  gpuTypes: ({ resources }) => (resources?.gpuType === undefined ? null : [resources.gpuType].flat()),
  pinDigest: ({ pinDigest }) => pinDigest,
  sandboxClass: ({ sandboxClass }) => sandboxClass,
  region: ({ regionId }) => regionId,
};

/** The inputs that parameters write, but for the source. */
export function inputsOf(params: Omit<CreateSnapshotParams, "image">): Pick<SnapshotInputs, ParamInput> {
  return Object.fromEntries(Object.entries(PARAMS).map(([input, read]) => [input, read(params) ?? null])) as Pick<
    SnapshotInputs,
    ParamInput
  >;
}
