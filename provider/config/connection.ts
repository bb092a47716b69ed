import { mustBeWhole } from "../kit/text/numbers";
import { ConfigError, NoCredentialsError } from "./errors";
import { type Environment, type Profile, type ReadProfile, readProfile as readCliProfile } from "./profile";
import { checkApiUrl, DEFAULT_API_URL } from "./url";

/** The provider's arguments. null, missing, or a text that is empty or blank: not set. */
export interface ConnectionArgs {
  apiKey?: string | null;
  jwtToken?: string | null;
  organizationId?: string | null;
  apiUrl?: string | null;
  region?: string | null;
  profile?: string | null;
  maxConcurrency?: number | null;
  resolveTags?: boolean | null;
}

/** Credentials. `token` is a function so that printing or serializing a connection shows no secret. */
export interface Credentials {
  kind: "apiKey" | "jwt";
  /** The organization that requests are for; JWT only. */
  organizationId: string | null;
  token(): string;
}

/** Everything that a client needs to know, checked. */
export interface Connection {
  /** Without a trailing slash, for instance `https://app.daytona.io/api`. */
  apiUrl: string;
  credentials: Credentials;
  /** Default region id for new snapshots; null: the organization's. */
  region: string | null;
  /** Maximum number of concurrent requests. Defaults to 16. */
  maxConcurrency: number;
  /** Whether registries are asked what tags name. Defaults to true. */
  resolveTags: boolean;
  /** The organization that is named beside an API key, and what names it. Requests do not use it. null: none. */
  namedOrganization: { id: string; from: string } | null;
  /** Where each value came from, for the debug log. Never contains a secret. */
  sources: { credentials: string; apiUrl: string; region: string };
  /** Suspicious values that may still be right, one sentence each. */
  hints: string[];
}

export interface ResolveOptions {
  args: ConnectionArgs;
  env: Environment;
  /** Default: the official CLI's configuration file. */
  readProfile?: ReadProfile;
  /** How the face spells an argument in its programs (Terraform: `api_key`). Default: camelCase as here. */
  spell?: (attribute: string) => string;
  /** Whether the face has a configuration of its own besides the environment. Default true. */
  configurable?: boolean;
  /** Milliseconds since the epoch, to tell an expired login. Default: now. */
  now?: number;
  debug?: (message: string) => void;
}

/** The variable with the organization's ID; also the word of a face that has no argument for it. */
const ORGANIZATION = "DAYTONA_ORGANIZATION_ID";

/** Default for the maximum number of concurrent requests. */
export const DEFAULT_MAX_CONCURRENCY = 16;

/**
 * Merges the provider's arguments, the environment and the profile of the official CLI. Arguments win over the environment, and the
 * environment wins over the profile. Credentials are never mixed from two of them. A profile named by an argument counts as an argument.
 * @throws ConfigError; NoCredentialsError if no argument names credentials, and neither environment nor profile has any
 */
export function resolveConnection(options: ResolveOptions): Connection {
  const spell = options.spell ?? ((attribute) => attribute);
  const args = checkArguments(options.args, spell);
  const env = (name: string): string | null => options.env[name]?.trim() || null;
  const read = options.readProfile ?? readCliProfile;
  const hints: string[] = [];

  const found = findCredentials({
    args,
    env,
    spell,
    configurable: options.configurable !== false,
    now: options.now ?? Date.now(),
    profile: (name) => read(options.env, name),
  });
  const namedOrganization =
    found.credentials.kind === "apiKey" ? findOrganization(args.organizationId, env(ORGANIZATION), spell) : null;
  if (namedOrganization !== null)
    hints.push(`${namedOrganization.from} is not used with an API key: a key belongs to one organization`);

  const { url, from } = findApiUrl(args.apiUrl, env("DAYTONA_API_URL"), found, spell);
  const checked = checkApiUrl(url, from);
  if (checked.hint !== undefined) hints.push(checked.hint);

  const region = args.region ?? env("DAYTONA_TARGET");
  const connection: Connection = {
    apiUrl: checked.url,
    credentials: found.credentials,
    region,
    maxConcurrency: args.maxConcurrency ?? DEFAULT_MAX_CONCURRENCY,
    resolveTags: resolvesTags(args.resolveTags, env("DAYTONA_RESOLVE_TAGS")),
    namedOrganization,
    sources: {
      credentials: found.source,
      apiUrl: from,
      region:
        args.region !== null
          ? `\`${spell("region")}\``
          : region !== null
            ? "DAYTONA_TARGET"
            : "the organization's default",
    },
    hints,
  };
  options.debug?.(
    `credentials from ${found.source}; API at ${checked.url} from ${from}; region from ${connection.sources.region}`,
  );
  for (const hint of hints) options.debug?.(hint);
  return connection;
}

/** The organization that is named, and what names it. @param argument @param variable as they are set; null: they are not */
function findOrganization(
  argument: string | null,
  variable: string | null,
  spell: (attribute: string) => string,
): { id: string; from: string } | null {
  if (argument !== null) return { id: argument, from: `\`${spell("organizationId")}\`` };
  return variable === null ? null : { id: variable, from: ORGANIZATION };
}

/** The API's address, not checked, and where it came from. @param argument @param variable as they are set; null: they are not */
function findApiUrl(
  argument: string | null,
  variable: string | null,
  { profile, profileWins }: Found,
  spell: (attribute: string) => string,
): { url: string; from: string } {
  const environment = { url: variable, from: "DAYTONA_API_URL" };
  const ofProfile = { url: profile?.apiUrl, from: `the URL of profile "${profile?.name ?? ""}"` };
  const candidates = [
    { url: argument, from: `\`${spell("apiUrl")}\`` },
    ...(profileWins ? [ofProfile, environment] : [environment, ofProfile]),
  ];
  for (const { url, from } of candidates) if (url) return { url, from };
  return { url: DEFAULT_API_URL, from: "the default" };
}

/** Whether registries are to be asked, as far as the environment says: DAYTONA_RESOLVE_TAGS. Default: true. @throws ConfigError for another text than `true` and `false` */
export function resolvesTagsIn(env: ResolveOptions["env"]): boolean {
  return resolvesTags(null, env["DAYTONA_RESOLVE_TAGS"]?.trim() || null);
}

/** @param argument @param variable as they are set; null: they are not @throws ConfigError for another text than `true` and `false` */
function resolvesTags(argument: boolean | null, variable: string | null): boolean {
  if (argument !== null) return argument;
  if (variable === null || variable === "true" || variable === "false") return variable !== "false";
  throw new ConfigError(
    "resolveTags",
    `the environment variable DAYTONA_RESOLVE_TAGS is "${variable}"; set it to "true" or "false"`,
  );
}

type Checked = { [K in keyof ConnectionArgs]-?: Exclude<ConnectionArgs[K], undefined> };

function checkArguments(args: ConnectionArgs, spell: (attribute: string) => string): Checked {
  const text = (attribute: Exclude<keyof ConnectionArgs, "maxConcurrency" | "resolveTags">): string | null => {
    const value = args[attribute];
    // An empty argument is what an optional variable of a module is where nobody sets it.
    return value?.trim() || null;
  };
  const max = args.maxConcurrency ?? null;
  if (max !== null && (!Number.isInteger(max) || max < 1)) {
    throw new ConfigError("maxConcurrency", `\`${spell("maxConcurrency")}\` ${mustBeWhole({ least: 1 }, max)}`);
  }
  return {
    apiKey: text("apiKey"),
    jwtToken: text("jwtToken"),
    organizationId: text("organizationId"),
    apiUrl: text("apiUrl"),
    region: text("region"),
    profile: text("profile"),
    maxConcurrency: max,
    resolveTags: args.resolveTags ?? null,
  };
}

interface Found {
  credentials: Credentials;
  source: string;
  profile?: Profile;
  /** Whether an argument named the profile. Its URL then wins over the environment's, so that its key is never sent elsewhere. */
  profileWins?: boolean;
}

interface Search {
  args: Checked;
  env(name: string): string | null;
  spell(attribute: string): string;
  configurable: boolean;
  profile(name: string | null): Profile | null;
  now: number;
}

function findCredentials(search: Search): Found {
  const { args, env, spell } = search;
  if (args.apiKey !== null && args.jwtToken !== null) {
    throw new ConfigError(
      "jwtToken",
      `\`${spell("apiKey")}\` and \`${spell("jwtToken")}\` are both set; set only one of them`,
    );
  }
  if (args.apiKey !== null) return key(args.apiKey, `\`${spell("apiKey")}\``);
  if (args.jwtToken !== null)
    return jwt(args.jwtToken, args.organizationId ?? env(ORGANIZATION), `\`${spell("jwtToken")}\``, spell);
  if (args.profile !== null)
    return { ...fromProfile(search, args.profile, `\`${spell("profile")}\``, ConfigError), profileWins: true };

  const envKey = env("DAYTONA_API_KEY");
  if (envKey !== null) return key(envKey, "DAYTONA_API_KEY");
  const envJwt = env("DAYTONA_JWT_TOKEN");
  if (envJwt !== null) return jwt(envJwt, args.organizationId ?? env(ORGANIZATION), "DAYTONA_JWT_TOKEN", spell);

  return fromProfile(search, env("DAYTONA_PROFILE"), "DAYTONA_PROFILE", NoCredentialsError);
}

/** @param Fault the class of the error for a profile without credentials that can be used */
function fromProfile(search: Search, name: string | null, asked: string, Fault: typeof ConfigError): Found {
  const { args, spell } = search;
  const profile = search.profile(name);
  if (profile === null) {
    if (name !== null) {
      throw new Fault(
        "profile",
        `the Daytona CLI has no profile "${name}" (set by ${asked}); run \`daytona login\` to create one`,
      );
    }
    throw new Fault(
      "apiKey",
      `no Daytona credentials found: ${search.configurable ? `set \`${spell("apiKey")}\` in the provider configuration, ` : ""}set the environment variable DAYTONA_API_KEY, or log in with the Daytona CLI (\`daytona login\`)`,
    );
  }
  const source = `profile "${profile.name}" of the Daytona CLI`;
  if (profile.apiKey !== null) return { ...key(profile.apiKey, source), profile };
  if (profile.jwtToken === null) {
    throw new Fault(
      "profile",
      `${source} has neither an API key nor a login; run \`daytona login\`, or set \`${spell("apiKey")}\` or DAYTONA_API_KEY`,
    );
  }
  // An expired login is not sent: failed authentication is rate-limited by IP address.
  if (profile.expiresAt !== null && profile.expiresAt <= search.now) {
    throw new Fault("profile", `the login of ${source} has expired; run \`daytona login\`, or use an API key`);
  }
  return { ...jwt(profile.jwtToken, args.organizationId ?? profile.organizationId, source, spell), profile };
}

function key(token: string, source: string): Found {
  return { credentials: secret("apiKey", token, null, source), source };
}

function jwt(
  token: string,
  organizationId: string | null,
  source: string,
  spell: (attribute: string) => string,
): Found {
  if (organizationId === null) {
    const word = spell("organizationId");
    throw new ConfigError(
      "organizationId",
      `a JWT (from ${source}) requires an organization; set ${word === ORGANIZATION ? "" : `\`${word}\` or `}${ORGANIZATION}`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(organizationId)) {
    throw new ConfigError(
      "organizationId",
      `\`${spell("organizationId")}\` contains a space or a character that is not allowed in an HTTP header`,
    );
  }
  return { credentials: secret("jwt", token, organizationId, source), source };
}

function secret(kind: "apiKey" | "jwt", token: string, organizationId: string | null, source: string): Credentials {
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new ConfigError(
      kind === "apiKey" ? "apiKey" : "jwtToken",
      `the credential from ${source} contains a space or a character that is not allowed in an HTTP header; check that it was copied completely`,
    );
  }
  return { kind, organizationId, token: () => token };
}
