import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const OCI = "application/vnd.oci.image";

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  platform?: object;
  annotations?: object;
}

/** An OCI layout, for tools that copy one to a registry. */
class Layout {
  readonly folder = mkdtempSync(join(tmpdir(), "layout-"));

  constructor() {
    mkdirSync(join(this.folder, "blobs/sha256"), { recursive: true });
    writeFileSync(join(this.folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  }

  blob(mediaType: string, content: Buffer | object): Descriptor {
    const data = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const hex = createHash("sha256").update(data).digest("hex");
    writeFileSync(join(this.folder, "blobs/sha256", hex), data);
    return { mediaType, digest: `sha256:${hex}`, size: data.length };
  }

  image(content: string, os: string, architecture: string): Descriptor {
    const tar = Buffer.alloc(1024);
    const layer = this.blob(`${OCI}.layer.v1.tar+gzip`, gzipSync(tar));
    const config = this.blob(`${OCI}.config.v1+json`, {
      os,
      architecture,
      author: content,
      rootfs: { type: "layers", diff_ids: [`sha256:${createHash("sha256").update(tar).digest("hex")}`] },
    });
    return this.blob(`${OCI}.manifest.v1+json`, {
      schemaVersion: 2,
      mediaType: `${OCI}.manifest.v1+json`,
      config,
      layers: [layer],
    });
  }

  end(...manifests: Descriptor[]): string {
    writeFileSync(join(this.folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));
    return this.folder;
  }
}

/** Puts an image for one platform under a name, with skopeo. @returns its digest */
export function putImage(name: string, content: string, ...options: string[]): string {
  const layout = new Layout();
  const image = layout.image(content, "linux", "amd64");
  return copied(layout.end(image), name, image.digest, options);
}

/** Puts an image as BuildKit makes it: for two platforms, with an attestation. @returns the digest of its index */
export function putIndex(name: string, content: string): string {
  const layout = new Layout();
  const platforms = [
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64", variant: "v8" },
  ];
  const images = platforms.map((platform) => ({
    ...layout.image(content, platform.os, platform.architecture),
    platform,
  }));
  const attestation = {
    ...layout.image("attestation", "unknown", "unknown"),
    platform: { os: "unknown", architecture: "unknown" },
    annotations: { "vnd.docker.reference.type": "attestation-manifest" },
  };
  const index = layout.blob(`${OCI}.index.v1+json`, {
    schemaVersion: 2,
    mediaType: `${OCI}.index.v1+json`,
    manifests: [...images, attestation],
  });
  return copied(layout.end(index), name, index.digest);
}

function copied(folder: string, name: string, digest: string, options: readonly string[] = []): string {
  try {
    skopeo("copy", "-q", "--all", "--dest-tls-verify=false", ...options, `oci:${folder}`, `docker://${name}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return digest;
}

/** What skopeo says that a name is now. */
export function digestBySkopeo(name: string, ...options: string[]): string {
  return skopeo("inspect", "--tls-verify=false", "--format", "{{.Digest}}", ...options, `docker://${name}`).trim();
}

export function skopeo(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("skopeo", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`skopeo ${args.join(" ")}: ${stderr}`);
  return stdout;
}
