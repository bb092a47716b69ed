import { NotFoundError } from "../../api/errors";
import type { SnapshotApi } from "../../api/client";
import type { SnapshotDto } from "../../api/types";
import type { Call } from "./call";

/** `GET /snapshots/{uuid}`; null: 404. */
export async function byId(call: Call, id: string): Promise<SnapshotDto | null> {
  const dto = await find(call, id);
  // The route also accepts names, and a name can look like a UUID.
  return dto && dto.id === id ? dto : null;
}

/** The snapshot of our organization that has the name; null: the name is free. A general snapshot of another organization does not count. */
export async function byName(call: Call, name: string): Promise<SnapshotDto | null> {
  const dto = await find(call, name);
  return dto && dto.name === name && isOurs(call.organizationId, dto) ? dto : null;
}

/** The same by the listing, which also has what the server hides from a read by name; null: the name is free. */
export async function listed(call: Call, name: string): Promise<SnapshotDto | null> {
  const all = await call.deadline.read((signal) => call.api.listAll({ name, general: false }, { signal }));
  const found = all.find((dto) => dto.name === name && isOurs(call.organizationId, dto));
  return found === undefined ? null : call.seen(found);
}

/** Who has the name, by a read and then by the listing: for a name that a create has met as taken. */
export async function holderOf(call: Call, name: string): Promise<SnapshotDto | null> {
  return (await byName(call, name)) ?? (await listed(call, name));
}

/** Whether a snapshot belongs to the organization of the connection, as far as is known. */
export function isOurs(organizationId: string | null, dto: SnapshotDto): boolean {
  if (dto.general === true) return false;
  return organizationId === null || !dto.organizationId || dto.organizationId === organizationId;
}

/** By UUID or by name; null: 404. */
export async function find(call: Call, idOrName: string): Promise<SnapshotDto | null> {
  try {
    return call.seen(await call.deadline.read((signal) => call.api.get(idOrName, { signal })));
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}

/** The organization that the oldest snapshot shows; null: there is no snapshot, or only general ones. */
export async function shownOrganization(
  api: Pick<SnapshotApi, "list">,
  options: { signal: AbortSignal },
): Promise<string | null> {
  const { items } = await api.list({ page: 1, limit: 1, sort: "createdAt", order: "asc" }, options);
  return items.find(({ general }) => general !== true)?.organizationId ?? null;
}

/** Organization of the connection. Asks the API if it is not known yet. Null: the API does not tell. */
export async function learnOrganization(call: Call): Promise<string | null> {
  if (call.organizationId !== null) return call.organizationId;
  const own = await call.deadline.read((signal) => shownOrganization(call.api, { signal }));
  // There is no snapshot to tell by. The credentials of an empty organization must not turn a whole state into "gone".
  return own ?? call.deadline.read((signal) => call.api.organization({ signal }));
}
