import { systemClock } from "../../lifecycle";
import { imageResolver } from "../../lifecycle/resolve";
import { resolveImages } from "../../lifecycle/resolve/resolve-images";
import { printObjects } from "../output/print";
import { type CommonFlags, refuseEmptyNames, type Session } from "../session";

export interface ResolveFlags extends Omit<CommonFlags, "format" | "o" | "wait"> {
  format?: "lines" | "json" | "yaml";
  /** `-o`: the same as `--format`. */
  o?: "lines" | "json" | "yaml";
}

/** More than a plan takes: nobody asks for anything else here. */
const TIME_LIMIT_MS = 30_000;

/** `image resolve`. @throws Failure if one of them cannot be resolved; nothing is printed then */
export async function resolve(session: Session, references: readonly string[]): Promise<void> {
  refuseEmptyNames(references);
  const { timeoutMs = TIME_LIMIT_MS, log, signal } = session.context();
  const { format } = session;
  const resolver = imageResolver({
    env: session.io.env,
    clock: systemClock,
    log,
    timeLimitMs: timeoutMs,
    needsPlatforms: format !== "table",
  });
  try {
    const images = await resolveImages(references, resolver, signal);
    if (format !== "table")
      printObjects(
        session.io,
        images.map(({ reference, repository, digest, platforms }) => ({ reference, repository, digest, platforms })),
        format,
      );
    else for (const { pinned } of images) session.say(`${pinned}\n`);
  } finally {
    resolver.close();
  }
}
