/** An image with a digest: the API takes it as an image and cannot pull it, so it is created by a build that takes it over as it is. */

import type { BuildInfoDto, SnapshotDto } from "../../../../api/types";
import { stripTriggers } from "../../source";

const DIGEST = /@sha256:[0-9a-f]{64}$/;
/** Last line of our text (but for that of triggers): without it, the text could be a user's own Dockerfile. */
const MARK = "# daytona-iac image";
const TEXT = new RegExp(`^FROM (\\S+)\\n(?:ENTRYPOINT (\\[.*\\])\\n)?${MARK}\\n$`);

/** Whether an image is named by its digest, with or without a tag. What a tag names can change, what a digest names cannot. */
export function isPinned(image: string): boolean {
  return DIGEST.test(image);
}

/**
 * Whether a create has to send an image as a build. The only place that decides it.
 *
 * Every server that is known, up to 0.190, answers 200 to an image with a digest and fails later: it asks the runner for `repo:sha256:…`, which
 * is no reference ("invalid reference format"). A build of it works on all of them. A server that learns to pull by digest takes the build as
 * well, so there is nothing to gain from asking which one it is. Snapshots of both forms count as made from the image.
 */
export function isSentAsBuild(image: string): boolean {
  return isPinned(image);
}

/**
 * The Dockerfile that stands for an image. BuildKit takes a tag beside the digest and goes by the digest, so what a program writes can be read
 * back from FROM.
 * @param entrypoint undefined: none is asked for
 */
export function imageBuildText(image: string, entrypoint: readonly string[] | undefined): string {
  const line = entrypoint === undefined ? "" : `ENTRYPOINT ${jsonLine(entrypoint)}\n`;
  return `FROM ${image}\n${line}${MARK}\n`;
}

/** Characters that end a line for JavaScript, and so for the server, but not in JSON. */
function jsonLine(words: readonly string[]): string {
  return JSON.stringify(words).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);
}

/** Whether a text, without the line of triggers, ends in the line that marks the build of an image. */
export function hasImageMark(text: string): boolean {
  return /(^|\n)# daytona-iac image\n?$/.test(text);
}

/** What a build was made from, if it stands for an image. */
export interface ImageBuild {
  /** As it was written. */
  readonly image: string;
  /** null: none was asked for. The API reports another one then, as it does of any Dockerfile without ENTRYPOINT. */
  readonly entrypoint: readonly string[] | null;
}

/** The image that a build stands for; null: it is none of ours, or not exactly one that is made here. */
export function imageBuildOf({ buildInfo }: Pick<SnapshotDto, "buildInfo">): ImageBuild | null {
  const sent = buildInfo?.dockerfileContent;
  if (typeof sent !== "string" || hasFiles(buildInfo)) return null;
  const text = stripTriggers(sent);
  const [, image, words] = TEXT.exec(text) ?? [];
  if (image === undefined || !isPinned(image)) return null;
  const entrypoint = words === undefined ? null : wordsOf(words);
  return imageBuildText(image, entrypoint ?? undefined) === text ? { image, entrypoint } : null;
}

const hasFiles = (build: BuildInfoDto | null | undefined): boolean => (build?.contextHashes ?? []).length > 0;

/** null: not a list of words. */
function wordsOf(json: string): string[] | null {
  try {
    const words: unknown = JSON.parse(json);
    return Array.isArray(words) && words.every((word) => typeof word === "string") ? words : null;
  } catch {
    return null;
  }
}
