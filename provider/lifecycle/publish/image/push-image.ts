import { abortReason } from "../../../api/clock";
import { pushedName } from "../../../resources/snapshot/local-image";
import { ImageError } from "../../../source/local-image/image-error";
import { DamagedLayer } from "../../../source/local-image/layer/verified";
import { Failure } from "../../call/errors";
import { copyImage } from "./copy-image";
import { BlobPlacer } from "./place-blob";
import { pushArchive } from "./push-archive";
import { pushFromEngine } from "./push-from-engine";
import type { PushRequest, PushTarget } from "./push-request";
import { type PushedImage, Pushes } from "../../pushes/pushes";
import { hostKey } from "../../pushes/host-key";
import { parseRegistryUrl } from "../../image-registry/address";
import { RegistryClient } from "./registry-client";
import { registryFailure } from "./registry-failure";

/** How long a pushed image may take to be readable, in ms: Harbor shows it a moment after it has accepted it. */
const READABLE_MS = 60_000;
const PAUSE_MS = 1_000;

/**
 * Pushes a local image to a repository of its own in Daytona's registry, and waits until it can be read there. An image that this process
 * pushed before, and that no snapshot was made from, is used again if the registry still has it.
 * @returns the name for `POST /snapshots`: `<registry>/<project>/<image>-<time>:v2-<hash>`
 * @throws Failure with a message of its own; the signal's reason when that aborts
 */
export async function pushImage(request: PushRequest): Promise<string> {
  const { image, access, clock, signal, log, doing } = request;
  if (signal.aborted) throw abortReason(signal);
  const pushes = request.pushes ?? new Pushes();
  const { host } = parseRegistryUrl(access.registryUrl);
  const [repository, tag] = pushedName(image.written, image.hash, new Date(pushes.time(clock.now()))).split(":") as [
    string,
    string,
  ];
  const target: PushTarget = {
    doing,
    host,
    repository: `${access.project}/${repository}`,
    tag,
    written: image.written,
  };
  const client = new RegistryClient({ access, target, clock, signal, env: request.env ?? process.env });
  const key = `${hostKey(host)} ${access.project} ${image.hash}`;
  try {
    const before = pushes.takeUnused(key);
    if (before !== null && (await isThere(client, before))) {
      log.debug(`the local image "${image.written}" is already at ${host}, as ${before.name}`);
      return before.name;
    }
    log.progress(`pushing the local image "${image.written}" to ${host}`);
    const name = `${host}/${target.repository}:${tag}`;
    const push = async (): Promise<void> => {
      const digest = await pushTo(request, target, client, pushes, key);
      const read = await readable(request, target, client);
      pushes.hasImage(key, { name, repository: target.repository, digest: digest ?? read });
    };
    const first = async (): Promise<boolean> => (pushes.image(key) === null ? push().then(() => true) : false);
    // An engine that pushes an image twice at a time sends it twice.
    if (image.content.kind !== "engine" || !(await pushes.alone(key, signal, first))) await push();
    return name;
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    if (error instanceof DamagedLayer) throw damaged(target, error.message);
    if (error instanceof ImageError) throw unreadable(target, error.message);
    throw error instanceof Failure ? error : registryFailure(target, error, access);
  } finally {
    client.close();
    if (image.content.kind === "archive") await image.content.release?.();
  }
}

/** The archive was readable when it was planned. */
function unreadable({ doing }: PushTarget, what: string): Failure {
  return new Failure(
    {
      summary: `${doing}: local image not usable`,
      detail: `${what} No snapshot was created.`,
      attribute: ["localImage"],
    },
    { code: "source" },
  );
}

function damaged({ doing, written }: PushTarget, what: string): Failure {
  return new Failure(
    {
      summary: `${doing}: the image archive is damaged`,
      detail: `A layer of "${written}" ${what}. No snapshot was created. Write the archive again.`,
      attribute: ["localImage"],
    },
    { code: "source" },
  );
}

/** @returns the digest of the manifest; null: it is the engine's, and not known */
async function pushTo(
  request: PushRequest,
  target: PushTarget,
  client: RegistryClient,
  pushes: Pushes,
  key: string,
): Promise<string | null> {
  const { content } = request.image;
  if (content.kind === "archive")
    return pushArchive(request, new BlobPlacer(request, target, client, pushes), client, content);
  const known = pushes.image(key);
  if (known !== null && (await isCopied(request, client, known))) return known.digest;
  await pushFromEngine(request, target, content);
  return null;
}

/** Whether an earlier push was taken over. Where this process has no way to the registry, the engine may have one. */
async function isCopied({ signal, log }: PushRequest, client: RegistryClient, known: PushedImage): Promise<boolean> {
  try {
    return await copyImage(client, known, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    log.debug(`${known.name} could not be taken over: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

async function isThere(client: RegistryClient, { repository, digest }: PushedImage): Promise<boolean> {
  return digest !== null && (await client.headManifest(digest, repository)).status === 200;
}

/**
 * Waits until the manifest can be read, as the official client does. Credentials that may only push end the wait: the registry has confirmed
 * the push.
 * @returns its digest; null: it is not known
 */
async function readable(
  { clock, signal, log, doing }: PushRequest,
  target: PushTarget,
  client: RegistryClient,
): Promise<string | null> {
  const until = clock.now() + READABLE_MS;
  for (;;) {
    let found: { status: number; digest: string | null };
    try {
      found = await client.headManifest();
    } catch (error) {
      if (signal.aborted) throw error;
      // The engine has its own way to the registry, which this process may not have.
      log.debug(
        `the pushed image could not be read back from ${target.host}: ${error instanceof Error ? error.message : String(error)}`,
      );
      return null;
    }
    const { status, digest } = found;
    if (status < 400) return digest;
    if (status === 401 || status === 403) {
      log.debug(
        `the pushed image could not be read back from ${target.host}: the credentials only allow pushing (${status})`,
      );
      return null;
    }
    if (clock.now() >= until) {
      throw new Failure(
        {
          summary: `${doing}: the registry does not show the pushed image`,
          detail: `${target.host} accepted ${target.repository}:${target.tag}, but still returned ${status} for it after ${READABLE_MS / 1000} seconds. No snapshot was created. Try again later.`,
          attribute: ["localImage"],
        },
        { code: "upload" },
      );
    }
    await clock.sleep(PAUSE_MS, signal).catch(() => undefined);
    if (signal.aborted) throw abortReason(signal);
  }
}
