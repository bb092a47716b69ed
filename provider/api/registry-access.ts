import { WrongAddressError } from "./errors";
import type { Requester } from "./http/requester";
import type { RegistryAccess } from "./types";

const PATH = "/docker-registry/registry-push-access";
const REQUEST = `GET ${PATH}`;

/**
 * `GET /docker-registry/registry-push-access`: new temporary credentials with every call. Requires `write:snapshots` or `write:sandboxes`.
 * @param regionId region of the snapshot; default: the server's
 * @throws ForbiddenError, WrongAddressError where the answer cannot be used, and the other ApiErrors
 */
export async function registryAccess(requester: Requester, regionId: string | undefined, signal: AbortSignal | undefined): Promise<RegistryAccess> {
  const query = regionId === undefined ? "" : `?regionId=${encodeURIComponent(regionId)}`;
  return asRegistryAccess(await requester.call({ method: "GET", path: `${PATH}${query}`, repeat: "read", signal }));
}

/** Names what is wrong with an answer, never a value in it. @throws WrongAddressError */
export function asRegistryAccess(value: unknown): RegistryAccess {
  const it = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const text = (field: string): string => {
    const found = it[field];
    if (typeof found === "string" && found !== "") return found;
    throw unusable(`it has no "${field}"`);
  };
  const registryUrl = text("registryUrl");
  if (!/^(https?:\/\/)?[^/\s]+\/?$/.test(registryUrl)) throw unusable('its "registryUrl" is not a host');
  return { username: text("username"), secret: text("secret"), registryUrl, project: text("project") };
}

function unusable(why: string): WrongAddressError {
  return new WrongAddressError(`the answer to ${REQUEST} cannot be used: ${why}. Check the API URL; it usually ends in /api`, { status: 200, request: REQUEST });
}
