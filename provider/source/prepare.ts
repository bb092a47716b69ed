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

/** The inputs of a Dockerfile build. */
export type BuildInputs = Pick<Written, "dockerfile" | "dockerfileContent" | "contextDir" | "context" | "buildArgs" | "target">;

export interface PrepareDeps {
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly cache: DigestCache;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** An attribute as programs of the tool spell it. */
  spell(name: string): string;
}

/** A Dockerfile build whose files have been read. */
export interface PreparedBuild {
  readonly source: PreparedSource;
  /** What has to be uploaded before the build. Empty without files. */
  readonly archives: readonly ContextArchive[];
  /** What the user should know before the source is built. */
  readonly warnings: readonly Notice[];
}

/** The Dockerfile or its build context cannot be used. */
export class SourceError extends Error {
  constructor(readonly notice: Notice) {
    super(notice.detail);
    this.name = "SourceError";
  }
}

/**
 * Reads what a Dockerfile build is made from: the Dockerfile and the files of its build context.
 * @returns null for an image, and while an input is unknown
 * @throws SourceError, or the signal's reason
 */
export async function prepareBuild(inputs: BuildInputs, deps: PrepareDeps): Promise<PreparedBuild | null> {
  const { dockerfile, dockerfileContent, contextDir, context, buildArgs, target } = inputs;
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
      warnings,
    };
  } catch (error) {
    throw explained(error, attribute, dockerfile, deps);
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
  return { source: { text: sent.text, hash: textHash(sent.text), contextHashes: [] }, archives: [], warnings };
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
