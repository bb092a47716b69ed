import { abortReason } from "../../../api/clock";
import { pushedName } from "../../../snapshot/local-image";
import { Failure } from "../../call/errors";
import { pushArchive } from "./push-archive";
import { pushFromEngine } from "./push-from-engine";
import type { PushRequest, PushTarget } from "./push-request";
import { RegistryClient } from "./registry-client";
import { registryFailure } from "./registry-failure";

/** How long a pushed image may take to be readable, in ms: Harbor shows it a moment after it has accepted it. */
const READABLE_MS = 60_000;
const PAUSE_MS = 1_000;

/**
 * Pushes a local image to a repository of its own in Daytona's registry, and waits until it can be read there.
 * @returns the name for `POST /snapshots`: `<registry>/<project>/<image>-<time>:v2-<hash>`
 * @throws Failure with a message of its own; the signal's reason when that aborts
 */
export async function pushImage(request: PushRequest): Promise<string> {
  const { image, access, clock, signal, log, doing } = request;
  if (signal.aborted) throw abortReason(signal);
  const host = access.registryUrl.replace(/^https?:\/\//, "").replace(/\/$/, "");
  const [repository, tag] = pushedName(image.written, image.hash, new Date(clock.now())).split(":") as [string, string];
  const target: PushTarget = { doing, host, repository: `${access.project}/${repository}`, tag, written: image.written };
  const client = new RegistryClient({ access, target, clock, signal, env: request.env ?? process.env });
  try {
    log.progress(`pushing the local image "${image.written}" to ${host}`);
    if (image.content.kind === "engine") await pushFromEngine(request, target, image.content);
    else await pushArchive(request, target, client, image.content);
    await readable(request, target, client);
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    throw error instanceof Failure ? error : registryFailure(target, error, access);
  } finally {
    client.close();
  }
  return `${host}/${target.repository}:${tag}`;
}

/** Waits until the manifest can be read, as the official client does. Credentials that may only push end the wait: the registry has confirmed the push. */
async function readable({ clock, signal, log, doing }: PushRequest, target: PushTarget, client: RegistryClient): Promise<void> {
  const until = clock.now() + READABLE_MS;
  for (;;) {
    let status: number;
    try {
      status = await client.manifestStatus();
    } catch (error) {
      if (signal.aborted) throw error;
      // The engine has its own way to the registry, which this process may not have.
      return log.debug(`the pushed image could not be read back from ${target.host}: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (status < 400) return;
    if (status === 401 || status === 403) return log.debug(`the pushed image could not be read back from ${target.host}: the credentials only allow to push (${status})`);
    if (clock.now() >= until) {
      throw new Failure({
        summary: `${doing}: the registry does not show the pushed image`,
        detail: `${target.host} accepted ${target.repository}:${target.tag}, but still answers ${status} when it is read after ${READABLE_MS / 1000} seconds. No snapshot was created. Try again later.`,
        attribute: ["localImage"],
      });
    }
    await clock.sleep(PAUSE_MS, signal).catch(() => undefined);
    if (signal.aborted) throw abortReason(signal);
  }
}
