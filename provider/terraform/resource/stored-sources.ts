import { deflateRawSync, inflateRawSync } from "node:zlib";
import { type FoundSource, foundSourceOf, isFoundSource, shortened } from "../../source/changed-files";
import type { PreparedBuild } from "../../source/prepare";
import type { SourceReader } from "../../source/source-reader";
import type { TfPrivate } from "../types";

/** Characters that a source may take in a state, which has about 1,000 files then. Larger ones are known on the machine that has read them. */
const MOST = 32 * 1024;
/** Bytes that one may have when it is unpacked: the state may be anybody's. */
const MOST_UNPACKED = 4 * 2 ** 20;
const KEY = "sources";
/** What was packed, by the source hash and the Dockerfile as written: many snapshots may share a context. */
const packs = new Map<string, string>();
const MOST_PACKS = 200;

/**
 * The files that a snapshot was made from, by the source hash: paths and the beginnings of their digests. In the private state, so that a plan on another
 * machine names the file that has changed. Six digits of a digest tell a change, and are too few to confirm a guess of what is in a file.
 */
export function withSource(stored: TfPrivate, build: PreparedBuild | null): TfPrivate {
  if (build === null || build.image !== null) return stored;
  const packed = packedOf(build);
  if (packed === "" || packed.length > MOST) return stored;
  return { ...stored, [KEY]: { ...sourcesIn(stored), [build.source.hash]: packed } };
}

/** With the source of this hash alone: those of plans that were not applied, or failed, go. */
export function withOnlySource(stored: TfPrivate, hash: unknown): TfPrivate {
  const { [KEY]: _, ...rest } = stored;
  const packed = typeof hash === "string" ? sourcesIn(stored)[hash] : undefined;
  return packed === undefined ? rest : { ...rest, [KEY]: { [hash as string]: packed } };
}

/** Tells what the state knows of the source with this hash. */
export function learnSource(stored: TfPrivate, hash: unknown, sources: SourceReader): void {
  if (typeof hash !== "string") return;
  const packed = sourcesIn(stored)[hash];
  // What is known already stays.
  if (packed === undefined || (sources.recall?.(hash) ?? null) !== null) return;
  const found = unpack(packed);
  if (found?.hash === hash) sources.learn?.(found);
}

function sourcesIn(stored: TfPrivate): Record<string, string> {
  const kept = stored[KEY];
  if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return {};
  return Object.fromEntries(Object.entries(kept).filter(([, packed]) => typeof packed === "string")) as Record<
    string,
    string
  >;
}

/** Empty: there are too many files. */
function packedOf(build: PreparedBuild): string {
  const key = `${build.source.hash} ${build.dockerfile ?? ""}`;
  const known = packs.get(key);
  if (known !== undefined) return known;
  const found = foundSourceOf(build);
  const packed = found.files === null ? "" : pack(shortened(found));
  if (packs.size >= MOST_PACKS) packs.clear();
  packs.set(key, packed);
  return packed;
}

function pack(found: FoundSource): string {
  return deflateRawSync(JSON.stringify(found), { level: 9 }).toString("base64");
}

/** null: written by another release, or damaged. Only words of a plan are lost. */
function unpack(packed: string): FoundSource | null {
  try {
    const text = inflateRawSync(Buffer.from(packed, "base64"), { maxOutputLength: MOST_UNPACKED }).toString("utf8");
    const found: unknown = JSON.parse(text);
    return isFoundSource(found) ? found : null;
  } catch {
    return null;
  }
}
