import { AccessAnswer } from "./access-answer";
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

/** @throws WrongAddressError */
export function asPushAccess(value: unknown): PushAccess {
  const answer = new AccessAnswer(value, REQUEST);
  const storageUrl = answer.text("storageUrl");
  if (!/^https?:$/.test(protocolOf(storageUrl))) throw answer.unusable('its "storageUrl" is not an http or https URL');
  const organizationId = answer.text("organizationId");
  if (/[/\s]/.test(organizationId)) throw answer.unusable('its "organizationId" is not an ID');
  const region = answer.optional("region");
  return {
    accessKey: answer.header("accessKey"),
    secret: answer.text("secret"),
    sessionToken: answer.header("sessionToken"),
    storageUrl,
    organizationId,
    bucket: answer.text("bucket"),
    ...(region === undefined ? {} : { region }),
  };
}

function protocolOf(url: string): string {
  try {
    return new URL(url).protocol;
  } catch {
    return "";
  }
}
