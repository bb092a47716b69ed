import { WrongAddressError } from "./errors";
import type { Requester } from "./http/requester";
import type { PushAccess } from "./types";

const PATH = "/object-storage/push-access";
const REQUEST = `GET ${PATH}`;

/**
 * `GET /object-storage/push-access`: new temporary credentials with every call. Requires `write:snapshots` or `write:sandboxes`.
 * @throws ForbiddenError, WrongAddressError where the answer cannot be used, and the other ApiErrors
 */
export async function pushAccess(requester: Requester, signal: AbortSignal | undefined): Promise<PushAccess> {
  return asPushAccess(await requester.call({ method: "GET", path: PATH, repeat: "read", signal }));
}

/** Names what is wrong with an answer, never a value in it. @throws WrongAddressError */
export function asPushAccess(value: unknown): PushAccess {
  const it = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const text = (field: string): string => {
    const found = it[field];
    if (typeof found === "string" && found !== "") return found;
    throw unusable(`it has no "${field}"`);
  };
  const storageUrl = text("storageUrl");
  if (!/^https?:$/.test(protocolOf(storageUrl))) throw unusable('its "storageUrl" is not an http or https URL');
  const organizationId = text("organizationId");
  if (/[/\s]/.test(organizationId)) throw unusable('its "organizationId" is not an ID');
  const region = it["region"];
  return {
    accessKey: text("accessKey"),
    secret: text("secret"),
    sessionToken: text("sessionToken"),
    storageUrl,
    organizationId,
    bucket: text("bucket"),
    ...(typeof region === "string" && region !== "" ? { region } : {}),
  };
}

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch {
    return "";
  }
}

function unusable(why: string): WrongAddressError {
  return new WrongAddressError(`the answer to ${REQUEST} cannot be used: ${why}. Check the API URL; it usually ends in /api`, { status: 200, request: REQUEST });
}
