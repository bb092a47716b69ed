import { ApiError, apiFailure, ConfigError, type Connected, ForbiddenError, proxyFor } from "../../lifecycle";
import { type InPlaceDefinition, inPlaceResources, summaryOf } from "../../resources";
import { commandOf } from "../../kit/spell";
import { printableLine } from "../../kit/text/printable";
import type { Session } from "../session";
import { type Check, failed, good, skipped, warning } from "./check";

const PERMISSIONS = [
  ["write:snapshots", "create, activate and deactivate snapshots"],
  ["delete:snapshots", "delete snapshots"],
] as const;
/** What is checked with the API, in this order: subjects of those that a failure before them skips. */
const AT_API = [
  ["api", "API"],
  ["organization", "organization"],
  ["regions", "regions"],
  ...PERMISSIONS.map(([name]) => [`permission:${name}`, "permission"] as const),
  ...inPlaceResources.map(({ plural }) => [plural, plural] as const),
] as const;

/** The credentials, the API and what they may do there. @throws Stop for a wrong flag */
export async function connectionChecks(session: Session): Promise<Check[]> {
  let connected: Connected;
  try {
    connected = session.connection;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [failed("credentials", "credentials", error.message, null), ...notAsked([])];
  }
  const { sources, apiUrl } = connected.connection;
  const checks: Check[] = [good("credentials", "credentials", `from ${sources.credentials}`)];
  let proxy: URL | null;
  try {
    proxy = proxyFor(new URL(apiUrl), session.io.env);
  } catch (error) {
    checks.push(failed("proxy", "proxy", (error as Error).message, null));
    return [...checks, ...notAsked(checks)];
  }
  const where = `${apiUrl} (from ${sources.apiUrl})${proxy === null ? "" : `, through the proxy ${proxy.host}`}`;
  try {
    await askApi(session, connected, where, checks);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { summary, detail } = apiFailure("API", error, sources);
    checks.push(failed("api", "API", `${where}\n${summary.replace("API: ", "")}`, detail));
  }
  return [...checks, ...notAsked(checks)];
}

/** What could not be checked, for scripts: the text says once what is wrong. */
function notAsked(done: readonly Check[]): Check[] {
  const known = new Set(done.map(({ id }) => id));
  if (known.has("permissions")) PERMISSIONS.forEach(([name]) => known.add(`permission:${name}`));
  return AT_API.filter(([id]) => !known.has(id)).map(([id, subject]) => skipped(id, subject, NOT_CHECKED));
}

/** The text of a check that an earlier one kept from being made. */
export const NOT_CHECKED = "not checked, because an earlier check failed";

async function askApi(session: Session, connected: Connected, where: string, checks: Check[]): Promise<void> {
  const { signal } = session;
  const regions = await connected.regions(signal);
  checks.push(good("api", "API", where));
  const organization = await connected.organization(signal);
  checks.push(good("organization", "organization", organization ?? "the API does not return it for these credentials"));
  checks.push(...named(connected, session.io.env, organization));
  checks.push(
    regions.length > 0
      ? good("regions", "regions", regions.map(({ id }) => id).join(", "))
      : failed("regions", "regions", "none: the organization has no available regions", null),
  );
  const key = await connected.currentKey(signal);
  if (key === null)
    checks.push(warning("permissions", "permissions", "the API does not return the permissions of these credentials"));
  else
    for (const [permission, purpose] of PERMISSIONS)
      checks.push(
        key.permissions.includes(permission)
          ? good(`permission:${permission}`, "permission", permission)
          : failed(
              `permission:${permission}`,
              "permission",
              `${permission} is missing, and is needed to ${purpose}.`,
              "Create a key with this permission.",
            ),
      );
  for (const definition of inPlaceResources) checks.push(await listed(connected, definition));
}

/** An organization that is named beside an API key, which belongs to one: whoever names another works on the wrong one. */
function named(
  { connection: { credentials, sources } }: Connected,
  env: NodeJS.ProcessEnv,
  own: string | null,
): Check[] {
  const name = env["DAYTONA_ORGANIZATION_ID"]?.trim() || null;
  if (credentials.kind !== "apiKey" || name === null || name === own) return [];
  const [id, subject] = ["organization-variable", "organization"];
  const ignored = "DAYTONA_ORGANIZATION_ID is not used with an API key, which belongs to one organization.";
  return own === null
    ? [warning(id, subject, ignored)]
    : [
        failed(
          id,
          subject,
          `DAYTONA_ORGANIZATION_ID is ${name}, but the key from ${sources.credentials} belongs to ${own}. With both, nothing is created, changed, deleted or imported. ${ignored}`,
          `Use a key of ${name}, or unset the variable.`,
        ),
      ];
}

/** What exists of a resource beside the snapshot. Whatever is wrong here, snapshots do not need it. */
async function listed(connected: Connected, definition: InPlaceDefinition): Promise<Check> {
  const { noun, plural } = definition;
  try {
    const all = await connected.inPlace(definition).list();
    if (all.length === 0)
      return skipped(
        plural,
        plural,
        "none is configured.",
        `To create one, run \`daytona-iac ${commandOf(noun)} create\`.`,
      );
    const lines = all.map((dto) => printableLine(`${dto.name}: ${summaryOf(definition, dto)}`));
    return good(plural, plural, [String(all.length), ...lines].join("\n"));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error instanceof ForbiddenError)
      return warning(plural, plural, "the key does not have permission to read them");
    const { summary, detail } = apiFailure(plural, error);
    return warning(plural, plural, summary.replace(`${plural}: `, "they cannot be read: "), `\n${detail}`);
  }
}
