import { dirname, resolve } from "node:path";
import { Failure } from "../kit/failure";
import type { Notice } from "../kit/notice";
import type { FileSet, PreparedSource, Written } from "../resources/snapshot/record";
import { isBuild, sourceHash } from "../resources/snapshot/source";
import { hasUnknown, isUnknown, type Unknown } from "../kit/unknown";
import { readNamedFile, UnsafeFile } from "../kit/text/named-file";
import type { ContextArchive } from "./archive/context-archive";
import { ContextError, reason } from "./context-error";
import type { HashProgress } from "./context/hash-files";
import { toolPathsIn } from "./context/left-out";
import { readContext } from "./context/read-context";
import {
  DockerfileError,
  type CopiesWithoutFiles,
  copiesWithoutFiles,
  type MissingCopy,
  missingUser,
  readDockerfile,
  sentDockerfile,
} from "./dockerfile";
import type { DigestCache } from "./hash/digest-cache";
import type { EndpointDeps } from "./local-image/engine/endpoint";
import { ImageError } from "./local-image/image-error";
import type { LocalImage } from "./local-image/local-image";
import { readLocalImage } from "./local-image/read-local-image";

/** The inputs of a Dockerfile build, or of a local image. */
export type BuildInputs = Pick<
  Written,
  "localImage" | "dockerfile" | "dockerfileContent" | "contextDir" | "context" | "buildArgs" | "target"
>;

export interface PrepareDeps {
  /** Folder that relative paths start from. */
  readonly cwd: string;
  readonly cache: DigestCache;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
  /** Told often while a large build context is read. */
  readonly onProgress?: HashProgress | undefined;
  /** How the local engine is found. */
  readonly engine: EndpointDeps;
  /** An attribute as programs of the tool spell it. */
  spell(name: string): string;
}

/** A Dockerfile build or a local image that has been read. */
export interface PreparedBuild {
  readonly source: PreparedSource;
  /** The Dockerfile as written, before its arguments. Not set for an image. */
  readonly dockerfile?: string;
  /** What has to be uploaded before the build. Empty without files. */
  readonly archives: readonly ContextArchive[];
  /** What has to be pushed; null for a build. */
  readonly image: LocalImage | null;
  /** What the user should know before the source is built. */
  readonly warnings: readonly Notice[];
}

/** The Dockerfile, its build context or the local image cannot be used. */
export class SourceError extends Failure {
  constructor(notice: Notice) {
    super(notice, { code: "source" }, notice.detail);
  }
}

/**
 * Reads what a snapshot is made from: the Dockerfile and the files of its build context, or the local image.
 * @returns null for an image in a registry, and while an input is unknown
 * @throws SourceError, or the signal's reason
 */
export async function prepareBuild(inputs: BuildInputs, deps: PrepareDeps): Promise<PreparedBuild | null> {
  const { localImage } = inputs;
  if (localImage !== null) return isUnknown(localImage) ? null : prepareImage(localImage, deps);
  if (!isBuild(inputs as Parameters<typeof isBuild>[0])) return null;
  const build = whenKnown(inputs);
  if (build === null) return null;
  const place = placeOf(build, deps.cwd);
  const text =
    place.path === null
      ? writtenText(build.dockerfileContent ?? "", deps)
      : readText(place.path, place.root as string, build.dockerfile as string, deps);
  deps.signal?.throwIfAborted();
  try {
    if (place.root === null) return withoutContext(text, optionsOf(build), place.attribute, deps);
    return await withContext(text, build, { ...place, root: place.root }, deps);
  } catch (error) {
    throw explained(error, place.attribute, build.dockerfile, deps);
  }
}

/** The inputs of a Dockerfile build, all of them known. */
type KnownBuild = {
  readonly [Name in Exclude<keyof BuildInputs, "localImage">]: Exclude<BuildInputs[Name], Unknown>;
};

function whenKnown(inputs: BuildInputs): KnownBuild | null {
  const { dockerfile, dockerfileContent, contextDir, context, buildArgs, target } = inputs;
  if (
    isUnknown(dockerfile) ||
    isUnknown(dockerfileContent) ||
    isUnknown(contextDir) ||
    isUnknown(context) ||
    isUnknown(buildArgs) ||
    isUnknown(target)
  )
    return null;
  if (hasUnknown(context) || hasUnknown(buildArgs)) return null;
  return { dockerfile, dockerfileContent, contextDir, context, buildArgs, target };
}

/** Where a build is read from. */
interface Place {
  /** The attribute that has the Dockerfile. */
  readonly attribute: string;
  /** The Dockerfile; null for an inline one. */
  readonly path: string | null;
  /** The folder of the build context; null for an inline Dockerfile without one. */
  readonly root: string | null;
}

function placeOf({ dockerfile, contextDir }: KnownBuild, cwd: string): Place {
  const path = dockerfile === null ? null : resolve(cwd, dockerfile);
  const root = contextDir !== null ? resolve(cwd, contextDir) : path === null ? null : dirname(path);
  return { attribute: path === null ? "dockerfileContent" : "dockerfile", path, root };
}

const optionsOf = ({ buildArgs, target }: KnownBuild) => ({
  buildArgs: buildArgs ?? {},
  target: target ?? undefined,
});

async function withContext(
  text: string,
  build: KnownBuild,
  { attribute, path, root }: Place & { readonly root: string },
  deps: PrepareDeps,
): Promise<PreparedBuild> {
  const { context } = build;
  const options = optionsOf(build);
  const read = context === null ? readDockerfile(text, options) : { ...sentDockerfile(text, options), sources: [] };
  const found = await readContext(
    {
      contextDir: root,
      dockerfileText: read.text,
      sources: read.sources,
      ...(path === null ? {} : { dockerfile: path }),
      ...(context === null ? {} : { context }),
    },
    {
      now: deps.now,
      cache: deps.cache,
      signal: deps.signal,
      onProgress: deps.onProgress,
      toolPaths: toolPathsIn(deps.engine.env, deps.cwd),
    },
  );
  const warnings: Notice[] = [...read.warnings, ...found.warnings].map((detail) => ({
    summary: found.summaries.get(detail) ?? "Build context",
    detail: spelled(detail, deps.spell),
    attribute: [attribute],
  }));
  if (context !== null) warnings.push(...notListed(read.text, found.files, attribute, deps));
  warnings.push(...noSuchUser(read.text, attribute));
  const files = found.archives.length > 0;
  return {
    source: {
      text: read.text,
      hash: files ? found.sourceHash : textHash(read.text),
      contextHashes: found.archives.map(({ hash }) => hash).sort(),
      ...(files ? { fileSets: found.archives.map(fileSetOf) } : {}),
    },
    dockerfile: text,
    archives: found.archives,
    image: null,
    warnings,
  };
}

const fileSetOf = ({ hash, files, from }: ContextArchive): FileSet => ({ hash, files: files.length, from });

/** What the Dockerfile uses beside what `context` lists. */
function notListed(
  text: string,
  files: readonly { readonly path: string }[],
  attribute: string,
  { spell }: PrepareDeps,
): Notice[] {
  const sent = new Set(files.flatMap(({ path }) => [path, ...foldersOf(path)]));
  const why = `${spell("context")} does not list them, or they are ignored`;
  const advice = `Add them to ${spell("context")}, or remove it to send what the Dockerfile uses.`;
  return notSent(copiesWithoutFiles(text, sent), attribute, { why, missing: advice, empty: advice });
}

/**
 * Warnings about what a build does not find. Where patterns match nothing it need not fail, and the image may lack files: the SDK for TypeScript 0.216.0
 * leaves the files of a pattern without quotes out of an Image (findings/typescript-sdk-copy-patterns.sh).
 * @param say why files are not sent, and what to do, as sentences
 */
function notSent(
  { missing, empty }: CopiesWithoutFiles,
  attribute: string,
  say: { readonly why: string; readonly missing: string; readonly empty: string },
): Notice[] {
  const notices: Notice[] = [];
  if (missing.length > 0)
    notices.push({
      summary: "The Dockerfile copies files that are not sent",
      detail: `${say.why}, so the build will fail at: ${textsOf(missing)}. ${say.missing}${imageAdvice(missing)}`,
      attribute: [attribute],
    });
  if (empty.length > 0)
    notices.push({
      summary: "The Dockerfile copies patterns that match no files",
      detail: `No file that is sent matches, so nothing is copied at: ${textsOf(empty)}. If files should match: ${say.empty} An Image of Daytona's SDK for TypeScript sends the files of a pattern only if it is in quotes, as in COPY "*.json" ./.`,
      attribute: [attribute],
    });
  return notices;
}

/** The snapshot of such an image is active, and no sandbox starts from it. */
function noSuchUser(text: string, attribute: string): Notice[] {
  const user = missingUser(text);
  if (user === null) return [];
  return [
    {
      summary: `The image has no user "${user}"`,
      detail: `The Dockerfile ends with USER ${user}, but nothing in it creates that user: it begins with FROM scratch, runs no command and copies no /etc/passwd. Sandboxes will fail to start with "unable to find user ${user}". Use a number, as in USER 1000, or copy a file with that user to /etc/passwd.`,
      attribute: [attribute],
    },
  ];
}

function foldersOf(path: string): string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

const textsOf = (copies: readonly MissingCopy[]): string => copies.map(({ text }) => text).join(", ");

/** The official SDK looks for files at COPY alone, so that its builds fail there as well. */
function imageAdvice(copies: readonly MissingCopy[]): string {
  return copies.some(({ kind }) => kind !== "copy")
    ? " An Image of Daytona's SDK sends only what COPY names: use COPY there, or addLocalFile and addLocalDir."
    : "";
}

async function prepareImage(localImage: string, { cwd, engine, signal, spell }: PrepareDeps): Promise<PreparedBuild> {
  try {
    const image = await readLocalImage(localImage, cwd, engine, signal);
    const warnings = (image.warnings ?? []).map((detail) => ({
      summary: "Local image",
      detail,
      attribute: ["localImage"],
    }));
    return { source: { text: "", hash: image.hash, contextHashes: [] }, archives: [], image, warnings };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw new SourceError({
      summary: "Local image not usable",
      detail: error.message.replace(/\{(image|localImage)\}/g, (_, name: string) => spell(name)),
      attribute: ["localImage"],
    });
  }
}

/** Without a build context: of an inline Dockerfile. */
function withoutContext(
  text: string,
  options: { buildArgs: Record<string, string>; target: string | undefined },
  attribute: string,
  { spell }: PrepareDeps,
): PreparedBuild {
  const sent = sentDockerfile(text, options);
  const warnings: Notice[] = sent.warnings.map((detail) => ({
    summary: "Build argument not used",
    detail: spelled(detail, spell),
    attribute: ["buildArgs"],
  }));
  const folder = `Set ${spell("contextDir")} to the folder that has`;
  const why = "There is no build context";
  const say = { why, missing: `${folder} the files.`, empty: `${folder} them.` };
  warnings.push(...notSent(copiesWithoutFiles(sent.text), attribute, say));
  warnings.push(...noSuchUser(sent.text, attribute));
  return {
    source: { text: sent.text, hash: textHash(sent.text), contextHashes: [] },
    dockerfile: text,
    archives: [],
    image: null,
    warnings,
  };
}

const textHash = (text: string): string => sourceHash({ image: null, dockerfileContent: text }) as string;

/** Bytes that a Dockerfile may have. */
const MOST_DOCKERFILE = 2 ** 20;

function writtenText(text: string, { spell }: PrepareDeps): string {
  if (Buffer.byteLength(text) <= MOST_DOCKERFILE) return text;
  throw new SourceError({
    summary: "Invalid Dockerfile",
    detail: `The Dockerfile in ${spell("dockerfileContent")} is larger than ${MOST_DOCKERFILE / 2 ** 20} MiB, the limit. Put the files that it writes into the build context.`,
    attribute: ["dockerfileContent"],
  });
}

/** Links are followed within the build context and the folder of the Dockerfile, as a build does. */
function readText(path: string, root: string, written: string, { spell }: PrepareDeps): string {
  try {
    return readNamedFile(path, MOST_DOCKERFILE, [dirname(path), root]).toString("utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = `The Dockerfile "${written}" (${path})`;
    const detail =
      error instanceof UnsafeFile
        ? `${where} ${error.message}. Set ${spell("dockerfile")} to a regular file in its folder or in the build context.`
        : code === "ENOENT" || code === "ENOTDIR"
          ? `${where} does not exist. Restore the file, or correct ${spell("dockerfile")}.`
          : code === "EISDIR"
            ? `${where} is a folder. Set ${spell("dockerfile")} to the file in it.`
            : `${where} cannot be read: ${reason(error)}.`;
    throw new SourceError({ summary: "Dockerfile not readable", detail, attribute: ["dockerfile"] });
  }
}

function explained(error: unknown, attribute: string, dockerfile: string | null, { spell }: PrepareDeps): unknown {
  const where = dockerfile === null ? "" : `In ${dockerfile}: `;
  if (error instanceof DockerfileError)
    return new SourceError({
      summary: "Invalid Dockerfile",
      detail: spelled(`${where}${error.message}`, spell),
      attribute: [attribute],
    });
  if (error instanceof ContextError)
    return new SourceError({
      summary: "Build context not usable",
      detail: spelled(error.message, spell),
      attribute: [attribute],
    });
  return error;
}

/** With attributes as the tool spells them; the word `context` only where it is the attribute. A flag is followed by the argument's name after a space: `--build-arg NAME`. */
function spelled(text: string, spell: PrepareDeps["spell"]): string {
  return text.replace(
    /(\b(?:buildArgs|contextDir)\b|(?<=^|\n- )context(?=: )|(?<=the build reads in |known: list them in )context\b)(\.(?=\w))?/g,
    (_, name: string, dot = "") => `${spell(name)}${dot !== "" && spell(name).startsWith("--") ? " " : dot}`,
  );
}
