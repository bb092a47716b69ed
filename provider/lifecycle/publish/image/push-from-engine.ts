import { engineText, type PushProgress } from "../../../source/local-image/engine/image-engine";
import type { LocalImage } from "../../../source/local-image/local-image";
import { Failure } from "../../call/errors";
import { growingMeter } from "../upload-progress";
import type { PushRequest, PushTarget } from "./push-request";
import { redacted, RegistryError } from "../../image-registry/errors";

/** How long the removal of the tag may take, in ms. */
const UNTAG_MS = 1_000;

/** Tags the image for the registry, lets the engine push it, and removes the tag again. @throws Failure, RegistryError, the signal's reason */
export async function pushFromEngine(
  request: PushRequest,
  target: PushTarget,
  { engine, id }: Extract<LocalImage["content"], { kind: "engine" }>,
): Promise<void> {
  const { access, clock, signal, log, doing } = request;
  const repository = `${target.host}/${target.repository}`;
  const name = `${repository}:${target.tag}`;
  try {
    await engine.tag(id, { repository, tag: target.tag });
  } catch (error) {
    const { statusCode } = error as { statusCode?: number };
    throw new Failure(
      {
        summary: `${doing}: cannot tag the local image`,
        detail:
          statusCode === 404
            ? `The image "${target.written}" was removed from ${engine.where} after it was read. Build or pull it again.`
            : `${engine.where} could not tag "${target.written}": ${engineText(error)}.`,
        attribute: ["localImage"],
      },
      { code: "source" },
    );
  }
  const layers = new Map<string, PushProgress>();
  const meter = growingMeter(log, clock, "pushing the local image");
  const onProgress = (progress: PushProgress): void => {
    layers.set(progress.id, progress);
    const sum = (part: "current" | "total"): number =>
      [...layers.values()].reduce((bytes, layer) => bytes + layer[part], 0);
    meter(sum("current"), sum("total"));
  };
  try {
    await engine.push(
      name,
      { username: access.username, password: access.secret, serveraddress: target.host },
      signal,
      onProgress,
    );
  } catch (error) {
    if (signal.aborted) throw error;
    throw new RegistryError(0, "", redacted(engineText(error), access), engine.where);
  } finally {
    const late = new AbortController();
    const left = (error: unknown): void => log.debug(`the tag ${name} stays in ${engine.where}: ${engineText(error)}`);
    await Promise.race([engine.untag(name).catch(left), clock.sleep(UNTAG_MS, late.signal).catch(() => undefined)]);
    late.abort();
  }
}
