import { systemClock } from "../../lifecycle";
import { imageResolver } from "../../lifecycle/resolve";
import { resolveImages } from "../../lifecycle/resolve/resolve-images";
import { printObjects } from "../output/print";
import { type CommonFlags, refuseEmptyNames, type Session } from "../session";

export interface ResolveFlags extends Omit<CommonFlags, "format" | "wait"> {
  format?: "lines" | "json";
}

/** More than a plan takes: nobody asks for anything else here. */
const TIME_LIMIT_MS = 30_000;

/** `image resolve`. @throws Failure if one of them cannot be resolved; nothing is printed then */
export async function resolve(session: Session, references: readonly string[], flags: ResolveFlags): Promise<void> {
  refuseEmptyNames(references);
  const { timeoutMs = TIME_LIMIT_MS, log, signal } = session.context();
  const isJson = flags.format === "json";
  const resolver = imageResolver({
    env: session.io.env,
    clock: systemClock,
    log,
    timeLimitMs: timeoutMs,
    needsPlatforms: isJson,
  });
  try {
    const images = await resolveImages(references, resolver, signal);
    if (isJson)
      printObjects(
        session.io,
        images.map(({ reference, repository, digest, platforms }) => ({ reference, repository, digest, platforms })),
        "json",
      );
    else for (const { pinned } of images) session.say(`${pinned}\n`);
  } finally {
    resolver.close();
  }
}
