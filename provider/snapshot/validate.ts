import type { Notice, Written } from "./record";
import type { MaybeUnknown } from "./unknown";

/** The tool that a program is written for; messages and a few rules depend on it. */
export type Face = "terraform" | "pulumi";

/** Arguments of the provider as written. */
export interface WrittenProvider {
  apiKey: MaybeUnknown<string | null>;
  jwtToken: MaybeUnknown<string | null>;
  organizationId: MaybeUnknown<string | null>;
  apiUrl: MaybeUnknown<string | null>;
  region: MaybeUnknown<string | null>;
  profile: MaybeUnknown<string | null>;
  maxConcurrency: MaybeUnknown<number | null>;
}

export function validateWritten(_written: Written, _face: Face): Notice[] {
  return [];
}

export function validateProvider(_written: WrittenProvider): Notice[] {
  return [];
}
