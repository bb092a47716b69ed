import { sha256 } from "../../kit/sha256";

/** What a snapshot is made from: exactly one of the two is set. */
export interface Source {
  image: string | null;
  dockerfileContent: string | null;
}

/** Version of the recipe below; part of every hash, so that a better recipe rebuilds nothing. */
export const HASH_VERSION = "v1";

const COMMENT = "# daytona-iac triggers ";
const LAST_LINE = new RegExp(`(^|\\n)${COMMENT}([0-9a-f]{64})(\\n?)$`);

/** A Dockerfile's text as it is sent and compared: line ends are LF, so that a checkout on Windows is the same source. */
export function normalizeText(text: string): string {
  return text.replace(/\r\n/g, "\n");
}

/** `v1:<64 hex>` over kind and content. Triggers are not part of it. null: no source is written. */
export function sourceHash(source: Source): string | null {
  const parts =
    source.image !== null
      ? ["image", source.image]
      : source.dockerfileContent !== null
        ? ["dockerfile", normalizeText(source.dockerfileContent)]
        : null;
  return parts === null ? null : `${HASH_VERSION}:${sha256(JSON.stringify(parts))}`;
}

/** Whether a hash was computed by a recipe of this release: `v1:` without files, `v2:` with files. A given digest of another form was not. */
export function isCurrentHash(hash: string): boolean {
  return /^v[12]:[0-9a-f]{64}$/.test(hash);
}

/** The parts of a record that say what it is built from. */
type BuildInputs = { [K in "dockerfile" | "dockerfileContent" | "contextDir" | "buildArgs" | "target"]: unknown };

/** Whether the program alone does not say what is sent: a Dockerfile in a file, with a build context, build arguments or a target, or a local image. */
export function needsReading(inputs: BuildInputs & { localImage: unknown }): boolean {
  return inputs.localImage !== null || (isBuild(inputs) && !isPlainText(inputs));
}

/** Whether the API's text of a build is exactly the `dockerfileContent` of the program: no file, build argument or target is worked into it. */
export function isPlainText({ dockerfile, contextDir, buildArgs, target }: BuildInputs): boolean {
  return dockerfile === null && contextDir === null && buildArgs === null && target === null;
}

/** Whether a source is a Dockerfile build, known or not. */
export function isBuild({ dockerfile, dockerfileContent }: BuildInputs): boolean {
  return dockerfile !== null || dockerfileContent !== null;
}

/** Digest of the triggers, whatever their order; null where there are none. */
export function triggersHash(triggers: Readonly<Record<string, string>> | null): string | null {
  const entries = Object.entries(triggers ?? {});
  if (entries.length === 0) return null;
  // Code points, not a locale: the same on every machine.
  return sha256(JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))));
}

/** The text that is sent: the Dockerfile with LF line ends and, where there are triggers, one last comment line with their digest. */
export function buildText(dockerfileContent: string, triggers: Readonly<Record<string, string>> | null): string {
  const text = normalizeText(dockerfileContent);
  const hash = triggersHash(triggers);
  if (hash === null) return text;
  // Whether the comment ends in a line end tells `stripTriggers` whether the Dockerfile had one.
  return text.endsWith("\n") ? `${text}${COMMENT}${hash}\n` : `${text}\n${COMMENT}${hash}`;
}

/** Undoes `buildText`: the Dockerfile as it was before the comment line came. */
export function stripTriggers(text: string): string {
  const found = LAST_LINE.exec(text);
  if (found === null) return text;
  // "<text>\n# …" came from a text without final line end, "<text>\n# …\n" from one with.
  return text.slice(0, found.index) + (found[3] === "\n" ? (found[1] ?? "") : "");
}

/** The digest in a text's comment line; null where there is none. */
export function triggersHashIn(text: string): string | null {
  return LAST_LINE.exec(text)?.[2] ?? null;
}

/** Whether two Dockerfiles are the same source. */
export function sameText(a: string, b: string): boolean {
  return normalizeText(a) === normalizeText(b);
}
