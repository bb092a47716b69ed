import type { IncomingMessage } from "node:http";
import { forbidden, HttpError } from "../protocol/http-error";
import type { Query } from "../protocol/query";
import type { KeyRow, OrganizationRow } from "../world/rows";
import type { World } from "../world/world";

/** Token of a runner: valid, but not tied to a user. */
export const RUNNER_TOKEN = "secret_api_token";

export interface Caller {
  userId: string;
  /** null: a JWT without an organization header. */
  organization: OrganizationRow | null;
  /** null: a JWT, which may do everything. */
  key: KeyRow | null;
}

/** What a route takes: most take both; `monitor` a key that is no user's, and so none of these. */
export type Credential = "any" | "key" | "jwt" | "monitor";

const refused = () => new HttpError(401, "Invalid credentials");

/** Who calls. @throws HttpError 401, 403 and 503 as the server's guards do */
export function authenticate(
  world: World,
  request: IncomingMessage,
  query: Query,
  inBody: unknown,
  accepted: Credential,
): Caller {
  const header = request.headers.authorization ?? "";
  const jwt = /(\S+)\s+(\S+)/.exec(header);
  if ((accepted === "any" || accepted === "jwt") && jwt && /^bearer$/i.test(jwt[1]!) && jwt[2] === world.jwtToken)
    return withOrganization(world, request, callerOf(world, jwt[2]) as Caller);

  const token = keyToken(header, query["access_token"], inBody);
  if (accepted === "jwt" || token === null || token === world.jwtToken) throw refused();
  if (typeof token !== "string") throw new HttpError(503, "Temporary authentication service error");
  const caller = callerOf(world, token);
  if (caller === null) throw refused();
  if (caller === "runner" || accepted === "monitor") throw forbidden("Invalid authentication context");
  return caller;
}

/** A key may come in the header, the body or the query, but in one of them only. null: it did not. */
function keyToken(header: string, inQuery: unknown, inBody: unknown): unknown {
  const parts = header.split(" ");
  if (header !== "" && parts.length !== 2) return null;
  const found = [/^bearer$/i.test(parts[0]!) ? parts[1] : "", inBody, inQuery].filter(Boolean);
  return found.length === 1 ? found[0] : null;
}

function withOrganization(world: World, request: IncomingMessage, caller: Caller): Caller {
  const id = request.headers["x-daytona-organization-id"];
  const organization = typeof id === "string" ? world.organizations.get(id.toLowerCase()) : undefined;
  return { ...caller, organization: organization?.createdBy === caller.userId ? organization : null };
}

export function callerOf(world: World, token: string): Caller | "runner" | null {
  if (token === "") return null;
  if (token === RUNNER_TOKEN) return "runner";
  if (token === world.jwtToken) return { userId: "user-one", organization: null, key: null };
  const key = world.keys.get(token);
  if (!key || (key.expiresAt !== null && key.expiresAt < world.clock.now())) return null;
  return { userId: key.userId, organization: world.organizations.get(key.organizationId) ?? null, key };
}

/** The caller's organization, if the key has one of the permissions. @throws HttpError 403 */
export function authorize(caller: Caller, anyOf: string[]): OrganizationRow {
  if (!caller.organization) throw forbidden("Invalid authentication context");
  if (caller.key && anyOf.length > 0 && !anyOf.some((permission) => caller.key!.permissions.includes(permission)))
    throw forbidden("Access denied");
  return caller.organization;
}
