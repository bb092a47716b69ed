import { AccessAnswer } from "./access-answer";
import type { Requester } from "./http/requester";
import type { RegistryAccess } from "./types";

const PATH = "/docker-registry/registry-push-access";
const REQUEST = `GET ${PATH}`;

/**
 * `GET /docker-registry/registry-push-access`: new temporary credentials with every call. Requires `write:snapshots` or `write:sandboxes`.
 * @param regionId region of the snapshot; default: the server's
 * @throws ForbiddenError, WrongAddressError where the answer cannot be used, and the other ApiErrors
 */
export async function registryAccess(
  requester: Requester,
  regionId: string | undefined,
  signal: AbortSignal | undefined,
): Promise<RegistryAccess> {
  const query = regionId === undefined ? "" : `?regionId=${encodeURIComponent(Buffer.from(regionId).toString())}`;
  return asRegistryAccess(await requester.call({ method: "GET", path: `${PATH}${query}`, repeat: "read", signal }));
}

/** @throws WrongAddressError */
export function asRegistryAccess(value: unknown): RegistryAccess {
  const answer = new AccessAnswer(value, REQUEST);
  const registryUrl = answer.text("registryUrl");
  const [, host] = /^(?:https?:\/\/)?([^/\s?#@]+)\/?$/.exec(registryUrl) ?? [];
  if (host === undefined || !URL.canParse(`https://${host}`)) throw answer.unusable('its "registryUrl" is not a host');
  const expiresAt = answer.optional("expiresAt");
  return {
    username: answer.text("username"),
    secret: answer.text("secret"),
    registryUrl,
    project: answer.text("project"),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
