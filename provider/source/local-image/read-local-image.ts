import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { archiveOf } from "../../snapshot/local-image";
import { folderStore, tarStore } from "./blob-store";
import { readDockerArchive } from "./docker-archive";
import type { EndpointDeps } from "./engine/endpoint";
import { readEngineImage } from "./engine/image-engine";
import { ImageError } from "./image-error";
import type { LocalImage } from "./local-image";
import { readOciLayout } from "./oci-layout";

/**
 * Reads a local image: its hash, and where its layers are. The layers themselves are not read.
 * @param cwd folder that relative paths start from
 * @throws ImageError, or the signal's reason
 */
export async function readLocalImage(written: string, cwd: string, deps: EndpointDeps, signal?: AbortSignal): Promise<LocalImage> {
  const archive = archiveOf(written);
  if (archive === null) {
    const { hash, engine, id } = await readEngineImage(written, deps, signal);
    return { written, hash, content: { kind: "engine", engine, id } };
  }
  const { format, reference } = archive;
  const path = resolve(cwd, archive.path);
  const label = `The image archive "${archive.path}"`;
  try {
    const folder = (await stat(path)).isDirectory();
    if (folder !== (format === "oci")) {
      throw new ImageError(folder ? `${label} is a folder. For an OCI layout in a folder, use "oci:${archive.path}".` : `${label} is a file. For an OCI layout in a tar file, use "oci-archive:${archive.path}".`);
    }
    const store = folder ? folderStore(path, label) : await tarStore(path, label, signal);
    const { hash, image } = await (format === "docker-archive" ? readDockerArchive : readOciLayout)(store, reference, label);
    return { written, hash, content: { kind: "archive", ...image } };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ImageError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new ImageError(code === "ENOENT" || code === "ENOTDIR" ? `${label} (${path}) does not exist. Build the image first, or correct the path.` : `${label} (${path}) cannot be read: ${code === "EACCES" ? "permission denied" : message}.`);
  }
}
