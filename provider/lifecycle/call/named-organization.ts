import { Failure } from "../../kit/failure";
import type { Notice } from "../../kit/notice";
import type { Origin } from "../contract";
import type { Deadline } from "./deadline";

/** The organization that a configuration names beside an API key, which belongs to one organization. */
export interface NamedOrganization {
  readonly id: string;
  /** What names it: `DAYTONA_ORGANIZATION_ID`. */
  readonly from: string;
  /** The organization of the key. null: the API does not return it. */
  own(options: { signal: AbortSignal }): Promise<string | null>;
}

/**
 * Before something is created, changed, deleted or imported: it would be in the organization of the key, which is not the one that was named.
 * @param named null: none is named, so nothing is asked
 * @returns a warning if the API does not return the organization of the key
 * @throws Failure if the key belongs to another organization; ApiError
 */
export async function assertNamedOrganization(
  doing: string,
  named: NamedOrganization | null,
  deadline: Deadline,
  origin: Origin | undefined,
): Promise<Notice | null> {
  if (named === null) return null;
  return compareNamed(doing, named, await deadline.read((signal) => named.own({ signal })), origin);
}

/**
 * The same with the organization of the key at hand.
 * @param own null: the API does not return it
 * @throws Failure if the key belongs to another organization
 */
export function compareNamed(
  doing: string,
  named: Omit<NamedOrganization, "own">,
  own: string | null,
  origin: Origin | undefined,
): Notice | null {
  if (own === null)
    return {
      summary: `${doing}: the organization of the API key is unknown`,
      detail: `${named.from} names organization ${named.id}, but an API key belongs to one organization, and the API does not return which one. The organization of the key is used. Remove ${named.from} to end this warning.`,
    };
  // The API writes UUIDs in lower case, and accepts them in upper case.
  if (own.toLowerCase() === named.id.toLowerCase()) return null;
  throw new Failure(
    {
      summary: `${doing}: the credentials belong to another organization`,
      detail: `${named.from} names organization ${named.id}, but the API key${origin === undefined ? "" : ` from ${origin.credentials}`} belongs to organization ${own}. Use a key of organization ${named.id}, or remove ${named.from}: an API key belongs to one organization.`,
    },
    { code: "refused" },
  );
}
