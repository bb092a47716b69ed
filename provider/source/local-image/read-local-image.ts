import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { resolve } from "node:path";
import { archiveOf } from "../../resources/snapshot/local-image";
import { reason } from "../context-error";
import { folderStore } from "./blob-store";
import { readDockerArchive } from "./docker-archive";
import type { EndpointDeps } from "./engine/endpoint";
import { readEngineImage } from "./engine/image-engine";
import { ImageError } from "./image-error";
import type { LocalImage } from "./local-image";
import { readOciLayout } from "./oci-layout";
import { archiveStore } from "./packed-archive";
import { surprises } from "./surprises";

/**
 * Reads a local image: its hash, and where its layers are. The layers themselves are not read.
 * @param cwd folder that relative paths start from
 * @throws ImageError, or the signal's reason
 */
export async function readLocalImage(
  written: string,
  cwd: string,
  deps: EndpointDeps,
  signal?: AbortSignal,
): Promise<LocalImage> {
  const archive = archiveOf(written);
  if (archive === null) {
    const { hash, engine, id, warnings } = await readEngineImage(written, deps, signal);
    return { written, hash, warnings, content: { kind: "engine", engine, id } };
  }
  const { format, reference } = archive;
  const path = resolve(cwd, archive.path);
  const label = `The image archive "${archive.path}"`;
  try {
    const folder = (await stat(path)).isDirectory();
    if (folder !== (format === "oci")) {
      throw new ImageError(
        folder
          ? `${label} is a folder. For an OCI layout in a folder, use "oci:${archive.path}".`
          : `${label} is a file. For an OCI layout in a tar file, use "oci-archive:${archive.path}".`,
      );
    }
    const temporary = deps.env["TMPDIR"] || tmpdir();
    const store = folder ? folderStore(path, label) : await archiveStore({ path, label, temporary }, signal);
    try {
      const read = format === "docker-archive" ? readDockerArchive : readOciLayout;
      const { hash, config, manifest, layers, variant, variants } = await read(store, reference, label);
      return {
        written,
        hash,
        warnings: surprises(label, { variant, variants, layers: layers.length }),
        content: { kind: "archive", config, manifest, layers, release: () => store.close() },
      };
    } finally {
      await store.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ImageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new ImageError(
      code === "ENOENT" || code === "ENOTDIR"
        ? `${label} (${path}) does not exist. Build the image first, or correct the path.`
        : `${label} (${path}) cannot be read: ${reason(error)}.`,
    );
  }
}
