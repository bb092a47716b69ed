import type { TfObject, TfResource } from "../types";
import type {
  RawState,
  ResourceIdentityData,
  UpgradeResourceIdentity_Request,
  UpgradeResourceIdentity_Response,
} from "../wire/generated/tfplugin6";
import { parseJson } from "../wire/json";
import { identityType } from "../wire/type";
import { fitJson, type Problem } from "../wire/values";
import type { Scope } from "./scope";

export function decodeIdentity(
  scope: Scope,
  resource: TfResource,
  data: ResourceIdentityData | undefined,
): TfObject | null {
  if (resource.identity === undefined || data?.identityData === undefined) return null;
  return scope.decode(data.identityData, identityType(resource.identity.attributes));
}

export function encodeIdentity(
  scope: Scope,
  resource: TfResource,
  identity: TfObject | null,
): ResourceIdentityData | undefined {
  if (resource.identity === undefined || identity === null) return undefined;
  return { identityData: scope.encode(identity, identityType(resource.identity.attributes)) };
}

/** Parses JSON that Terraform stored. The flatmap format of Terraform before 0.12 is refused. */
export function rawObject(scope: Scope, raw: RawState | undefined, what: string): TfObject {
  if (raw === undefined || raw.json.length === 0) {
    scope.refuse(
      `The ${what} cannot be read`,
      `Terraform sent no JSON for the ${what}. It may have been written by a version before 0.12.`,
    );
  }
  let value: unknown;
  try {
    value = parseJson(raw.json);
  } catch {
    scope.refuse(
      `The ${what} cannot be read`,
      `The ${what} is not valid JSON. Restore it from a backup, or remove the resource from the state and import it.`,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    scope.refuse(
      `The ${what} cannot be read`,
      `The ${what} is not a JSON object. Restore it from a backup, or remove the resource from the state and import it.`,
    );
  }
  return value as TfObject;
}

export async function upgradeIdentity(
  request: UpgradeResourceIdentity_Request,
  scope: Scope,
  resource: TfResource,
): Promise<UpgradeResourceIdentity_Response> {
  const identity = resource.identity;
  if (identity === undefined) scope.refuse("No resource identity", `${resource.typeName} has no resource identity.`);
  if (request.version > identity.version) {
    scope.refuse(
      "Resource identity from a newer provider",
      `${resource.typeName}: the stored identity has version ${request.version}, but this provider supports version ${identity.version}. Upgrade the provider.`,
    );
  }
  const type = identityType(identity.attributes);
  const problems: Problem[] = [];
  const fitted = fitJson(rawObject(scope, request.rawIdentity, "resource identity"), type, problems);
  scope.misfits(
    problems,
    type,
    "Resource identity cannot be read",
    "Remove the resource from the state and import it.",
  );
  return { upgradedIdentity: { identityData: scope.encode(fitted, type) }, diagnostics: [] };
}
