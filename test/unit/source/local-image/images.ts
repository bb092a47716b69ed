import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const sha = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

export interface MadeImage {
  /** Name of a file in the archive to its content. */
  files: Record<string, string | Buffer>;
}

/** A layer with one file. */
function layer(text: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "layer-"));
  try {
    writeFileSync(join(folder, "file"), text);
    return spawnSync(
      "tar",
      ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner", "-C", folder, "-c", "file"],
      { maxBuffer: 1e9 },
    ).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function configOf(layers: readonly Buffer[], more: object = {}): string {
  return JSON.stringify({
    os: "linux",
    architecture: "amd64",
    config: { Cmd: ["/file"], Env: ["A=1"] },
    rootfs: { type: "layers", diff_ids: layers.map((bytes) => `sha256:${sha(bytes)}`) },
    ...more,
  });
}

/** An OCI layout with an image for each entry: its tag, and what its configuration says besides. */
export function ociFiles(
  images: { tag?: string; text?: string; config?: object }[],
  indexed = false,
): Record<string, string | Buffer> {
  const files: Record<string, string | Buffer> = { "oci-layout": '{"imageLayoutVersion":"1.0.0"}' };
  const blob = (bytes: Buffer | string, mediaType: string) => {
    files[`blobs/sha256/${sha(bytes)}`] = bytes;
    return { mediaType, digest: `sha256:${sha(bytes)}`, size: Buffer.byteLength(bytes) };
  };
  const manifests = images.map(({ tag, text = "one", config = {} }) => {
    const content = layer(text);
    const configText = configOf([content], config);
    const { os, architecture } = JSON.parse(configText) as { os: string; architecture: string };
    const manifest = {
      schemaVersion: 2,
      config: blob(configText, "application/vnd.oci.image.config.v1+json"),
      layers: [blob(gzipSync(content), "application/vnd.oci.image.layer.v1.tar+gzip")],
    };
    return {
      ...blob(JSON.stringify(manifest), "application/vnd.oci.image.manifest.v1+json"),
      ...(indexed ? { platform: { os, architecture } } : {}),
      ...(tag ? { annotations: { "org.opencontainers.image.ref.name": tag } } : {}),
    };
  });
  const index = indexed
    ? [blob(JSON.stringify({ schemaVersion: 2, manifests }), "application/vnd.oci.image.index.v1+json")]
    : manifests;
  return { ...files, "index.json": JSON.stringify({ schemaVersion: 2, manifests: index }) };
}

/** A `docker save` archive with an image for each name. */
export function dockerFiles(
  images: { name?: string; text?: string; config?: object }[],
): Record<string, string | Buffer> {
  const files: Record<string, string | Buffer> = {};
  const list = images.map(({ name, text = "one", config = {} }) => {
    const content = layer(text);
    const configText = configOf([content], config);
    files[`${sha(configText)}.json`] = configText;
    files[`${sha(content)}/layer.tar`] = content;
    return { Config: `${sha(configText)}.json`, RepoTags: name ? [name] : null, Layers: [`${sha(content)}/layer.tar`] };
  });
  return { ...files, "manifest.json": JSON.stringify(list) };
}

export function writeFolder(folder: string, files: Record<string, string | Buffer>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** @param format of tar: gnu, pax, ustar */
export function writeTar(path: string, files: Record<string, string | Buffer>, format = "gnu"): void {
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  try {
    writeFolder(folder, files);
    const { status, stderr } = spawnSync("tar", [`--format=${format}`, "-C", folder, "-cf", path, "."], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
