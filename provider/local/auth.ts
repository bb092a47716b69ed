import type { IncomingMessage } from "node:http";
import { forbidden, HttpError } from "./httpError";
import type { KeyRow, OrganizationRow } from "./rows";
import type { World } from "./world";

/** Token of a runner: known to the server, but of no user. */
export const RUNNER_TOKEN = "secret_api_token";

export interface Caller {
  userId: string;
  /** null: a JWT without an organization header. */
  organization: OrganizationRow | null;
  /** null: a JWT, which may do everything. */
  key: KeyRow | null;
}

/** Who calls. @throws HttpError 401 and 403 as the server's guards do */
export function authenticate(world: World, request: IncomingMessage, query: URLSearchParams): Caller {
  const header = request.headers.authorization;
  const token = /^bearer\s+(\S+)$/i.exec(header ?? "")?.[1] ?? (header === undefined ? (query.get("access_token") ?? "") : "");
  const caller = callerOf(world, token);
  if (caller === null) throw new HttpError(401, "Invalid credentials");
  if (caller === "runner") throw forbidden("Invalid authentication context");
  if (caller.key === null) {
    const id = request.headers["x-daytona-organization-id"];
    const organization = typeof id === "string" ? world.organizations.get(id) : undefined;
    caller.organization = organization?.createdBy === caller.userId ? organization : null;
  }
  return caller;
}

export function callerOf(world: World, token: string): Caller | "runner" | null {
  if (token === "") return null;
  if (token === RUNNER_TOKEN) return "runner";
  if (token === world.jwtToken) return { userId: "user-one", organization: null, key: null };
  const key = world.keys.get(token);
  if (!key || (key.expiresAt !== null && key.expiresAt <= world.clock.now())) return null;
  return { userId: key.userId, organization: world.organizations.get(key.organizationId) ?? null, key };
}

/** The caller's organization, if the key has one of the permissions. @throws HttpError 403 */
export function authorize(caller: Caller, anyOf: string[]): OrganizationRow {
  if (!caller.organization) throw forbidden("Invalid authentication context");
  if (caller.key && anyOf.length > 0 && !anyOf.some((permission) => caller.key!.permissions.includes(permission))) throw forbidden("Access denied");
  return caller.organization;
}
