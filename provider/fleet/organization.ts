import type { Connected, SnapshotDto } from "../lifecycle";
import { FleetError } from "./resource";
import type { StateDocument } from "./read/managed";

/**
 * Whether states belong to the organization of the credentials: what a state of another one has would all look unmanaged here.
 * @param snapshots of the organization; general ones do not tell it
 * @throws FleetError for a state that has snapshots of other organizations only; ApiError
 */
export async function assertOrganization(
  states: readonly StateDocument[],
  snapshots: readonly SnapshotDto[],
  connected: Connected,
  signal: AbortSignal,
): Promise<void> {
  let own: string | null | undefined = snapshots.find(
    ({ general, organizationId }) => !general && organizationId,
  )?.organizationId;
  for (const { what, managed } of states) {
    const theirs = managed.filter(({ owned, organizationId }) => owned && organizationId !== null);
    if (theirs.length === 0) continue;
    own ??= await connected.organization(signal);
    if (own === null)
      throw new FleetError(
        `${what} may belong to another organization`,
        `${theirs[0]!.address} belongs to organization ${theirs[0]!.organizationId}, and the API does not return the organization of these credentials. Use a key with permission to write snapshots.`,
      );
    if (!theirs.some(({ organizationId }) => organizationId === own)) {
      throw new FleetError(
        `${what} belongs to another organization`,
        `${theirs[0]!.address} belongs to organization ${theirs[0]!.organizationId}, but the credentials are for ${own}. Use credentials of that organization, or another state.`,
      );
    }
  }
}
