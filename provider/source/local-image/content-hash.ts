import { sha256 } from "../../kit/sha256";

/** The parts of an image's configuration that a container can tell, as OCI spells them and as the engine reports them. */
export interface ImageConfig {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  /** Digests of the uncompressed layers, from the bottom up. */
  readonly layers: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
}

/** What a container can tell, apart from its files. Health checks and ONBUILD are the engine's own. */
const FIELDS = [
  "User",
  "ExposedPorts",
  "Env",
  "Entrypoint",
  "Cmd",
  "Volumes",
  "WorkingDir",
  "Labels",
  "StopSignal",
] as const;

/**
 * `v2:<64 hex>` over the files and the configuration of an image, whichever store or archive it is in. Its names, its age and the compression
 * of its layers are not part of it.
 */
export function contentHash({ os, architecture, variant, layers, config }: ImageConfig): string {
  const fields = FIELDS.map((name) => [name, sorted(config[name])]).filter(([, value]) => value !== null);
  return `v2:${sha256(JSON.stringify(["local-image", os, architecture, variant ?? "", layers, fields]))}`;
}

/** Lists as they are, maps by key; null for what is empty: engines write that in different ways. */
function sorted(value: unknown): unknown {
  if (value === undefined || value === null || value === "") return null;
  if (Array.isArray(value)) return value.length === 0 ? null : value;
  if (typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? null : entries;
}
