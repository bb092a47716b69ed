import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Notice, PreparedSource, Written } from "../snapshot/record";
import { isBuild, sourceHash } from "../snapshot/source";
import { hasUnknown, isUnknown } from "../snapshot/unknown";
import type { ContextArchive } from "./archive/context-archive";
import { ContextError, reason } from "./context/context-error";
import { readContext } from "./context/read-context";
import { copiesWithoutContext, DockerfileError, readDockerfile, sentDockerfile } from "./dockerfile";
import type { DigestCache } from "./hash/digest-cache";
import type { EndpointDeps } from "./local-image/engine/endpoint";
import { ImageError } from "./local-image/image-error";
import type { LocalImage } from "./local-image/local-image";
import { readLocalImage } from "./local-image/read-local-image";

/** The inputs of a Dockerfile build, or of a local image. */
export type BuildInputs = Pick<Written, "localImage" | "dockerfile" | "dockerfileContent" | "contextDir" | "context" | "buildArgs" | "target">;

export interface PrepareDeps {
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly cache: DigestCache;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** How the local engine is found. */
  readonly engine: EndpointDeps;
  /** An attribute as programs of the tool spell it. */
  spell(name: string): string;
}

/** A Dockerfile build or a local image that has been read. */
export interface PreparedBuild {
  readonly source: PreparedSource;
  /** What has to be uploaded before the build. Empty without files. */
  readonly archives: readonly ContextArchive[];
  /** What has to be pushed; null for a build. */
  readonly image: LocalImage | null;
  /** What the user should know before the source is built. */
  readonly warnings: readonly Notice[];
}

/** The Dockerfile, its build context or the local image cannot be used. */
export class SourceError extends Error {
  constructor(readonly notice: Notice) {
    super(notice.detail);
    this.name = "SourceError";
  }
}

/**
 * Reads what a snapshot is made from: the Dockerfile and the files of its build context, or the local image.
 * @returns null for an image in a registry, and while an input is unknown
 * @throws SourceError, or the signal's reason
 */
export async function prepareBuild(inputs: BuildInputs, deps: PrepareDeps): Promise<PreparedBuild | null> {
  const { localImage, dockerfile, dockerfileContent, contextDir, context, buildArgs, target } = inputs;
  if (localImage !== null) return isUnknown(localImage) ? null : prepareImage(localImage, deps);
  if (!isBuild(inputs as Parameters<typeof isBuild>[0])) return null;
  if (isUnknown(dockerfile) || isUnknown(dockerfileContent) || isUnknown(contextDir) || isUnknown(context) || isUnknown(buildArgs) || isUnknown(target)) return null;
  if (hasUnknown(context) || hasUnknown(buildArgs)) return null;
  const attribute = dockerfile === null ? "dockerfileContent" : "dockerfile";
  const path = dockerfile === null ? null : resolve(deps.cwd, dockerfile);
  const text = path === null ? (dockerfileContent ?? "") : await readText(path, dockerfile as string, deps);
  const root = contextDir !== null ? resolve(deps.cwd, contextDir) : path === null ? null : dirname(path);
  const options = { buildArgs: buildArgs ?? {}, target: target ?? undefined };
  try {
    if (root === null) return withoutContext(text, options, attribute, deps);
    const read = context === null ? readDockerfile(text, options) : { ...sentDockerfile(text, options), sources: [] };
    const found = await readContext(
      { contextDir: root, dockerfileText: read.text, sources: read.sources, ...(path === null ? {} : { dockerfile: path }), ...(context === null ? {} : { context }) },
      { now: deps.now, cache: deps.cache, signal: deps.signal },
    );
    const warnings = [...read.warnings, ...found.warnings].map((detail) => ({ summary: "Build context", detail, attribute: [attribute] }));
    const files = found.archives.length > 0;
    return {
      source: { text: read.text, hash: files ? found.sourceHash : textHash(read.text), contextHashes: found.archives.map(({ hash }) => hash).sort() },
      archives: found.archives,
      image: null,
      warnings,
    };
  } catch (error) {
    throw explained(error, attribute, dockerfile, deps);
  }
}

async function prepareImage(localImage: string, { cwd, engine, signal, spell }: PrepareDeps): Promise<PreparedBuild> {
  try {
    const image = await readLocalImage(localImage, cwd, engine, signal);
    return { source: { text: "", hash: image.hash, contextHashes: [] }, archives: [], image, warnings: [] };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new SourceError({ summary: "Local image not usable", detail: error.message.replace(/\{(image|localImage)\}/g, (_, name: string) => spell(name)), attribute: ["localImage"] });
  }
}

/** Without a build context: of an inline Dockerfile. */
function withoutContext(text: string, options: { buildArgs: Record<string, string>; target: string | undefined }, attribute: string, { spell }: PrepareDeps): PreparedBuild {
  const sent = sentDockerfile(text, options);
  const copies = copiesWithoutContext(sent.text);
  const warnings: Notice[] = sent.warnings.map((detail) => ({ summary: "Build argument not used", detail, attribute: ["buildArgs"] }));
  if (copies.length > 0) {
    warnings.push({
      summary: "The Dockerfile copies files that are not sent",
      detail: `There is no build context, so the build will fail at: ${copies.join(", ")}. Set ${spell("contextDir")} to the folder that has the files.`,
      attribute: [attribute],
    });
  }
  return { source: { text: sent.text, hash: textHash(sent.text), contextHashes: [] }, archives: [], image: null, warnings };
}

const textHash = (text: string): string => sourceHash({ image: null, dockerfileContent: text }) as string;

async function readText(path: string, written: string, { spell, signal }: PrepareDeps): Promise<string> {
  try {
    return await readFile(path, { encoding: "utf8", ...(signal ? { signal } : {}) });
  } catch (error) {
    signal?.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    const where = `The Dockerfile "${written}" (${path})`;
    const detail =
      code === "ENOENT" || code === "ENOTDIR" ? `${where} does not exist. Restore the file, or correct ${spell("dockerfile")}.`
      : code === "EISDIR" ? `${where} is a folder. Set ${spell("dockerfile")} to the file in it.`
      : `${where} cannot be read: ${reason(error)}.`;
    throw new SourceError({ summary: "Dockerfile not readable", detail, attribute: ["dockerfile"] });
  }
}

function explained(error: unknown, attribute: string, dockerfile: string | null, { spell }: PrepareDeps): unknown {
  const where = dockerfile === null ? "" : `In ${dockerfile}: `;
  const spelled = (text: string): string => text.replace(/\b(buildArgs|contextDir)\b/g, (name) => spell(name));
  if (error instanceof DockerfileError) return new SourceError({ summary: "Invalid Dockerfile", detail: spelled(`${where}${error.message}`), attribute: [attribute] });
  if (error instanceof ContextError) return new SourceError({ summary: "Build context not usable", detail: spelled(error.message), attribute: [attribute] });
  return error;
}
