import type { Readable } from "node:stream";

/** The parts of a manifest, or of an index, that a registry looks at. */
export interface ParsedManifest {
  readonly mediaType: string | undefined;
  /** Of an image: configuration and layers, with sizes in bytes. */
  readonly blobs: readonly Descriptor[];
  readonly config: Descriptor | undefined;
  /** Of an index. */
  readonly manifests: readonly Descriptor[];
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

/** Largest configuration that is read, in bytes. */
export const MOST_OF_CONFIG = 4 * 2 ** 20;

/** null: it is no manifest. */
export function parseManifest(bytes: Buffer): ParsedManifest | null {
  const fields = fieldsOf(bytes);
  if (fields?.["schemaVersion"] !== 2) return null;
  const config = descriptorOf(fields["config"]);
  const [layers, manifests] = [fields["layers"], fields["manifests"]].map((list) =>
    Array.isArray(list) ? list.map(descriptorOf) : undefined,
  );
  if (layers?.includes(undefined) || manifests?.includes(undefined)) return null;
  if (manifests === undefined && (layers === undefined || config === undefined)) return null;
  return {
    mediaType: typeof fields["mediaType"] === "string" ? fields["mediaType"] : undefined,
    blobs: [...(config === undefined ? [] : [config]), ...((layers ?? []) as Descriptor[])],
    config,
    manifests: (manifests ?? []) as Descriptor[],
  };
}

/** null: it is no object in JSON. */
function fieldsOf(bytes: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" ? (value as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}

/** What it refers to and is not there. */
export function missingBlobs(
  { blobs, manifests }: ParsedManifest,
  known: ReadonlySet<string>,
  knownManifests: ReadonlyMap<string, unknown>,
): string[] {
  return [
    ...blobs.filter(({ digest }) => !known.has(digest)),
    ...manifests.filter(({ digest }) => !knownManifests.has(digest)),
  ].map(({ digest }) => digest);
}

/** Bytes of its layers and its configuration. */
export function sizeOf({ blobs }: ParsedManifest): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}

/** The entrypoint in a configuration; undefined: there is none. */
export async function entrypointOf(config: Readable): Promise<string[] | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of config as AsyncIterable<Buffer>) chunks.push(chunk);
  try {
    const image = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { config?: { Entrypoint?: unknown } };
    const found = image.config?.Entrypoint;
    return Array.isArray(found) && found.every((word) => typeof word === "string") ? (found as string[]) : undefined;
  } catch {
    return undefined;
  }
}

function descriptorOf(value: unknown): Descriptor | undefined {
  const { digest, size } = (value ?? {}) as { digest?: unknown; size?: unknown };
  return typeof digest === "string" && typeof size === "number" && size >= 0 ? { digest, size } : undefined;
}
