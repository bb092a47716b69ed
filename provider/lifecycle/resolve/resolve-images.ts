import { parseImageName } from "../../kit/text/image-names";
import { capital } from "../../kit/words";
import { Failure, type FailureCode } from "../../kit/failure";
import { lines } from "../messages/api-failure";
import type { ImageResolver } from "./contract";
import type { Unresolved } from "./reasons";

/** The image that a reference currently resolves to. */
export interface ResolvedImage {
  /** The reference as it was given. */
  readonly reference: string;
  /** The image with its digest, to use in a configuration or program: `ghcr.io/team/app@sha256:…` */
  readonly pinned: string;
  /** Full name of the repository: `docker.io/library/ubuntu` */
  readonly repository: string;
  /** `sha256:<64 hex>`. For a multi-platform image, the digest of its index. */
  readonly digest: string;
  /** `linux/amd64`, `linux/arm64/v8`, …; null if the registry does not list them, as for an image with a single platform. */
  readonly platforms: readonly string[] | null;
}

const CODES: Readonly<Record<Unresolved["kind"], FailureCode>> = {
  missing: "not-found",
  refused: "unauthorized",
  unasked: "unreachable",
};

/**
 * Resolves all references, or none.
 * @throws Failure that names each one that cannot be resolved; the signal's reason
 */
export async function resolveImages(
  references: readonly string[],
  resolver: ImageResolver,
  signal?: AbortSignal,
): Promise<ResolvedImage[]> {
  const wrong = references.filter((reference) => parseImageName(reference) === null);
  if (wrong.length > 0)
    throw failure(
      wrong,
      wrong.map((reference) => `${JSON.stringify(reference)} is not the name of an image`),
      'Write it as Docker does: "ubuntu:24.04", "ghcr.io/team/app:1". Names are in lower case.',
      "invalid",
    );
  const answers = await Promise.all(
    references.map(async (reference) => ({ reference, answer: await resolver.resolve(reference, signal) })),
  );
  const failed = answers.flatMap(({ reference, answer }) =>
    answer.kind === "resolved" ? [] : [{ reference, ...answer }],
  );
  if (failed.length > 0)
    throw failure(
      failed.map(({ reference }) => reference),
      failed.map(({ reason }) => reason),
      adviceFor(failed),
      failed.every(({ kind }) => kind === failed[0]!.kind) ? CODES[failed[0]!.kind] : "refused",
    );
  return answers.flatMap(({ reference, answer }) =>
    answer.kind === "resolved" ? [resolvedImage(reference, answer.digest, answer.platforms)] : [],
  );
}

function resolvedImage(reference: string, digest: string, platforms: readonly string[] | null): ResolvedImage {
  const { host, path, tag } = parseImageName(reference)!;
  const untagged = reference.replace(/@.*$/, "").slice(0, tag === null ? undefined : -(tag.length + 1));
  return { reference, pinned: `${untagged}@${digest}`, repository: `${host}/${path}`, digest, platforms };
}

function failure(
  references: readonly string[],
  reasons: readonly string[],
  advice: string,
  code: FailureCode,
): Failure {
  const names = references.map((reference) => JSON.stringify(reference)).join(", ");
  return new Failure(
    {
      summary: `resolving ${names}: ${code === "invalid" ? "not the name of an image" : "no digest"}`,
      detail: lines(...[...new Set(reasons)].map((reason) => `${begun(reason)}.`), advice),
    },
    { code },
  );
}

/** With a capital letter, unless it begins with the name of a host or a program. */
function begun(reason: string): string {
  return /^[a-z]+ /.test(reason) ? capital(reason) : reason;
}

function adviceFor(failed: readonly Unresolved[]): string {
  const kinds = new Set(failed.map(({ kind }) => kind));
  return [
    kinds.has("missing") ? "Check the spelling of the name and of the tag." : "",
    kinds.has("refused") ? "Run `docker login` for the registry, with an account that may pull the image." : "",
    kinds.has("unasked") ? "The content of the registry is unknown. Try again when the registry can be reached." : "",
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
}
