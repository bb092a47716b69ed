/** What is sent of the source, and how locks know it. */

import type { CreateSnapshotBody, SnapshotDto } from "../../../../api/types";
import { imageKey } from "../../local-image";
import type { PreparedSource, Written } from "../../record";
import { buildText, isPlainText, normalizeText } from "../../source";
import { known } from "../../../../kit/unknown";
import { entrypointToSend } from "../entrypoint";
import { imageBuildOf, imageBuildText, isSentAsBuild } from "./image-build";
import { imageMadeFrom, imageToSend } from "./pin";

/** The build that is asked for: its text and the hashes of its files. null: an image, or the files have not been read. */
export function buildOf(desired: Written): Pick<PreparedSource, "text" | "contextHashes" | "fileSets"> | null {
  if (desired.localImage !== null) return null;
  if (desired.prepared) return desired.prepared;
  const text = known(desired.dockerfileContent);
  return text === null || !isPlainText(desired) ? null : { text, contextHashes: [] };
}

/** The source's part of a create request; null: it is not known. */
export function sourceToSend(
  planned: Written,
): Pick<CreateSnapshotBody, "imageName" | "entrypoint" | "buildInfo"> | null {
  const image = imageToSend(planned);
  if (image !== null) {
    const entrypoint = entrypointToSend(planned);
    if (isSentAsBuild(image)) {
      const text = imageBuildText(image, entrypoint);
      return { buildInfo: { dockerfileContent: buildText(text, known(planned.triggers)) } };
    }
    return { imageName: image, ...(entrypoint ? { entrypoint } : {}) };
  }
  const build = buildOf(planned);
  if (build === null) return null;
  const { text, contextHashes } = build;
  return {
    buildInfo: {
      dockerfileContent: buildText(text, known(planned.triggers)),
      ...(contextHashes.length > 0 ? { contextHashes: [...contextHashes] } : {}),
    },
  };
}

/** The content hash of a local image; null while it has not been read. A given `sourceHash` is not the content's. */
export function imageHashOf(desired: Written): string | null {
  return desired.prepared?.hash ?? known(desired.sourceHash);
}

/**
 * The same for two snapshots that would be pulled or built from the same source: those must not settle at the same time,
 * and none of them may be deleted while another one settles.
 */
export function sourceKey(record: Written): string {
  const sandbox = record.sandboxId ?? known(record.sourceSandbox ?? null);
  // The server takes one snapshot of a sandbox at a time.
  if (sandbox !== null) return `sandbox ${sandbox}`;
  const image = imageMadeFrom(record);
  if (image !== null) return `image ${image}`;
  if (record.localImage !== null) return `image ${imageHashOf(record) ?? known(record.localImage)}`;
  const build = buildOf(record);
  return build === null ? "" : buildKey(buildText(build.text, known(record.triggers)), build.contextHashes);
}

const buildKey = (text: string, hashes: readonly string[]): string =>
  ["dockerfile", ...[...hashes].sort(), text].join(" ");

/** The same of a snapshot that is there, whatever a program says now. The comment line of triggers belongs to it: it makes another build. */
export function sourceKeyOf(dto: SnapshotDto): string {
  if (dto.sourceSandboxId) return `sandbox ${dto.sourceSandboxId}`;
  const image = imageBuildOf(dto)?.image;
  // Whichever way it was made: entrypoint and triggers are left out here, so that a state, which cannot tell them, has the same key.
  if (image !== undefined) return `image ${image}`;
  const text = dto.buildInfo?.dockerfileContent;
  if (typeof text === "string") return buildKey(normalizeText(text), dto.buildInfo?.contextHashes ?? []);
  return dto.imageName ? imageKey(dto) : "";
}
