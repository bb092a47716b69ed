import { ApiError, NotFoundError } from "../../api/errors";
import type { Call } from "../call/call";
import { Failure } from "../call/errors";
import { apiDetails, apiFailure, lines } from "./api-failure";
import { words } from "./tool-words";

/** Whether the API refused a create for its region, which it does with the 404 of a snapshot that is not there. */
export function isRegion(error: unknown): error is NotFoundError {
  return error instanceof NotFoundError && /\bregion not found\b/i.test(error.reason);
}

/**
 * The failure for a region that the API does not know, with where it was set and those that exist.
 * @param region null: the default of the organization
 * @throws Interrupted, DeadlinePassed
 */
export async function regionFailure(call: Call, region: string | null, error: NotFoundError): Promise<Failure> {
  const { detail } = apiFailure(call.doing, error);
  const known = await regionsOf(call);
  return new Failure(
    {
      summary: `${call.doing}: ${region === null ? "the organization has no default region" : `the organization has no region "${region}"`}`,
      detail: lines(detail, region === null ? "" : `${whence(call, region)}.`, known === null ? "" : toChoose(known)),
      attribute: ["region"],
    },
    apiDetails(error),
  );
}

function whence(call: Call, region: string): string {
  const { origin } = call.shared;
  const ofProvider = origin?.region !== undefined && origin.defaultRegion === region;
  return ofProvider
    ? `The region comes from ${origin.region}, the default for snapshots that do not set one`
    : `The region comes from \`${words(call).attribute("region")}\` of the snapshot`;
}

function toChoose(known: readonly string[]): string {
  if (known.length === 0) return "The organization cannot use any region. Ask the operator of the Daytona server.";
  return known.length === 1 ? `The organization has one region: ${known[0]}.` : `Its regions are: ${known.join(", ")}.`;
}

/** IDs of the regions that exist; null where the API does not tell. */
async function regionsOf(call: Call): Promise<string[] | null> {
  try {
    const regions = await call.deadline.read((signal) => call.api.regions({ signal }));
    return regions.map(({ id }) => id).sort();
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}
