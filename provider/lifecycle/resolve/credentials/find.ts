import { join } from "node:path";
import { readNamedFile, UnsafeFile } from "../../../kit/text/named-file";
import { systemErrorText } from "../../../kit/text/system-error";
import type { Credentials } from "../../image-registry/credentials";
import { askHelper, type HelperDeps } from "./helper";
import { CredentialsProblem } from "./problem";

/** Of a file with credentials, in bytes. */
const MOST = 2 ** 20;

export interface FoundCredentials {
  readonly credentials: Credentials;
  /** Where they are, for messages: the path of a file, the name of a program. */
  readonly from: string;
}

export interface CredentialsDeps extends HelperDeps {
  readonly home: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The credentials for a registry, as `docker` finds them: DOCKER_AUTH_CONFIG, else `config.json` with its helpers.
 * @param key what Docker's files call the registry
 * @throws CredentialsProblem; the signal's reason
 */
export async function dockerCredentials(key: string, deps: CredentialsDeps): Promise<FoundCredentials | null> {
  const variable = deps.env["DOCKER_AUTH_CONFIG"];
  const given = variable ? inAuths(parsed(variable, "DOCKER_AUTH_CONFIG"), key, "DOCKER_AUTH_CONFIG") : null;
  if (given !== null) return given;
  const path = join(deps.env["DOCKER_CONFIG"] || join(deps.home, ".docker"), "config.json");
  const config = fileFields(path);
  if (config === null) return null;
  const helper = own(fieldsOf(config["credHelpers"]), key) ?? config["credsStore"];
  if (typeof helper !== "string" || helper === "") return inAuths(config, key, path);
  const credentials = await askHelper(helper, key, deps);
  return credentials === null ? null : { credentials, from: `docker-credential-${helper}` };
}

/**
 * Those of Podman's `auth.json`, for machines without Docker. Its entries may be for a part of a registry; the longest that the image begins with counts.
 * @param image `ghcr.io/team/app` @throws CredentialsProblem
 */
export function podmanCredentials(
  image: string,
  { env, home }: Omit<CredentialsDeps, "signal">,
): FoundCredentials | null {
  const runtime = env["XDG_RUNTIME_DIR"];
  const folders = [...(runtime ? [runtime] : []), env["XDG_CONFIG_HOME"] || join(home, ".config")];
  for (const folder of folders) {
    const path = join(folder, "containers", "auth.json");
    const auths = fieldsOf(fileFields(path)?.["auths"]);
    const [name] = Object.keys(auths)
      .filter((entry) => `${image}/`.startsWith(`${entry}/`))
      .sort((a, b) => b.length - a.length);
    const found = name === undefined ? null : entryOf(auths[name], path, name);
    if (found !== null) return found;
  }
  return null;
}

function inAuths(config: Fields, key: string, from: string): FoundCredentials | null {
  const auths = fieldsOf(config["auths"]);
  const name = Object.hasOwn(auths, key) ? key : Object.keys(auths).find((entry) => hostOf(entry) === hostOf(key));
  return name === undefined ? null : entryOf(auths[name], from, name);
}

/** `https://ghcr.io/v1/` and `ghcr.io` are one registry. */
function hostOf(entry: string): string {
  return entry.replace(/^https?:\/\//, "").replace(/\/.*$/s, "");
}

function entryOf(value: unknown, from: string, name: string): FoundCredentials | null {
  const { auth, username, password, identitytoken } = fieldsOf(value);
  if (typeof identitytoken === "string" && identitytoken !== "")
    return { credentials: { identityToken: identitytoken }, from };
  if (typeof auth === "string" && auth !== "") return { credentials: decoded(auth, from, name), from };
  if (typeof username === "string" && username !== "" && typeof password === "string")
    return { credentials: { username, secret: password }, from };
  return null;
}

function decoded(auth: string, from: string, name: string): Credentials {
  const text = Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = text.indexOf(":");
  if (colon < 1)
    throw new CredentialsProblem(`the "auth" of ${name} in ${from} is not a user name and password in Base64`);
  return { username: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** null: there is no such file. */
function fileFields(path: string): Fields | null {
  let text: string;
  try {
    text = readNamedFile(path, MOST).toString("utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new CredentialsProblem(
      error instanceof UnsafeFile ? `${path} ${error.message}` : `${path} cannot be read: ${systemErrorText(error)}`,
    );
  }
  return parsed(text, path);
}

function parsed(text: string, from: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without the parser's message, which quotes the text.
    throw new CredentialsProblem(`${from} is not valid JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new CredentialsProblem(`${from} is not a JSON object`);
  return value as Fields;
}

const own = (fields: Fields, key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
