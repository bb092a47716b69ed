import { randomUUID } from "node:crypto";
import isURL from "validator/lib/isURL";
import { badRequest, notFound, unexpected } from "../protocol/http-error";
import { checkShownName, checkText, databaseUuid, fieldsOf, isMissing } from "../protocol/validation";
import type { RegistryRow } from "./rows";
import type { World } from "./world";

/** The most registries that an organization may have. */
const MOST = 100;
const DOCKER_HUB = "docker.io";

type Fields = Record<string, unknown>;
const date = (ms: number): string => new Date(ms).toISOString();

/** A registry as the API answers it, which never shows the password. */
export function registryDto(row: RegistryRow) {
  const { id, name, url, username, project, createdAt, updatedAt } = row;
  return {
    id,
    name,
    url,
    username,
    project,
    registryType: "organization",
    createdAt: date(createdAt),
    updatedAt: date(updatedAt),
  };
}

/** `GET /docker-registry`: all of the organization, newest first. */
export function listRegistries(world: World, organizationId: string): RegistryRow[] {
  return [...world.registries.values()]
    .filter((row) => row.organizationId === organizationId)
    .sort((a, b) => b.createdAt - a.createdAt || b.seq - a.seq);
}

/** A registry of the organization, by its UUID only. @throws HttpError 404 */
export function findRegistry(world: World, organizationId: string, id: string): RegistryRow {
  const row = world.registries.get(databaseUuid(id) ?? "");
  if (row?.organizationId !== organizationId) throw notFound(`Docker registry with ID ${id} not found`);
  return row;
}

/** `POST /docker-registry` @throws HttpError 400, or 500 for a `project` of null */
export function createRegistry(world: World, organizationId: string, body: unknown): RegistryRow {
  const { name, url, username, password, project } = checkRegistry(body, "create");
  if (listRegistries(world, organizationId).length >= MOST)
    throw badRequest("You have reached the maximum number of registries");
  // The database refuses null, which the server's checks let through.
  if (project === null) throw unexpected();
  const now = world.clock.now();
  return world.addRegistry({
    id: randomUUID(),
    organizationId,
    name: name as string,
    url: storedUrl(url as string),
    username: username as string,
    password: password as string,
    project: (project as string | undefined) ?? "",
    createdAt: now,
    updatedAt: now,
  });
}

/** `PATCH /docker-registry/{id}`: a missing or empty password, and a missing project, stay. The answer shows the project only if it was sent. @throws HttpError 400, 404, 500 */
export function updateRegistry(world: World, organizationId: string, id: string, body: unknown) {
  const row = findRegistry(world, organizationId, id);
  const { name, url, username, password, project } = checkRegistry(body, "update");
  if (project === null) throw unexpected();
  Object.assign(row, { name, url: storedUrl(url as string), username, updatedAt: world.clock.now() });
  if (password) row.password = password as string;
  if (project !== undefined) row.project = project as string;
  world.changed();
  return { ...registryDto(row), project: project as string | undefined };
}

/** `DELETE /docker-registry/{id}` @throws HttpError 404 */
export function deleteRegistry(world: World, organizationId: string, id: string): void {
  world.registries.delete(findRegistry(world, organizationId, id).id);
  world.changed();
}

/** The server's checks, with its messages in its order. @throws HttpError 400 */
function checkRegistry(body: unknown, call: "create" | "update"): Fields {
  const fields = fieldsOf(body);
  const errors: string[] = [];
  checkShownName(fields, errors);
  if (typeof fields["url"] !== "string" || !isURL(fields["url"])) errors.push("url must be a URL address");
  if (typeof fields["username"] !== "string") errors.push("username must be a string");
  if (typeof fields["password"] !== "string" && !(call === "update" && isMissing(fields["password"])))
    errors.push("password must be a string");
  checkText(fields, "project", errors);
  if (errors.length > 0) throw badRequest(errors.join(", "));
  return fields;
}

/** The address as the server stores it: without slashes at its end, and every address of Docker Hub as one. */
function storedUrl(url: string): string {
  return url.toLowerCase().includes(DOCKER_HUB) ? DOCKER_HUB : url.trim().replace(/\/+$/, "");
}
