import type { Credentials } from "../../image-registry/credentials";
import { systemErrorText } from "../../../kit/text/system-error";
import { CredentialsProblem } from "./problem";

/** Of what a helper prints, in bytes. */
const MOST = 64 * 1024;
/** What every helper of Docker prints for a registry that it does not know. */
const NOT_FOUND = "credentials not found";
/** The user name with which a helper marks an identity token. */
const TOKEN_USER = "<token>";

export interface HelperDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Kills the helper. */
  readonly signal: AbortSignal;
}

/**
 * Asks a credential helper (https://github.com/docker/docker-credential-helpers) as `docker` does: its `get`, with the registry on standard input.
 * @param name what follows `docker-credential-` @returns null: it has none for this registry
 * @throws CredentialsProblem; the signal's reason
 */
export async function askHelper(name: string, registry: string, deps: HelperDeps): Promise<Credentials> {
  const program = `docker-credential-${name}`;
  if (!/^[\w.-]+$/.test(name))
    throw new CredentialsProblem(
      `the Docker configuration contains an invalid name of a credential helper for ${registry}`,
    );
  const { code, out } = await run(program, registry, deps);
  if (code !== 0) {
    if (out.includes(NOT_FOUND)) return null;
    throw new CredentialsProblem(`${program} could not return the credentials for ${registry} (${exit(code)})`);
  }
  const { Username: username, Secret: secret } = fields(out);
  if (typeof username !== "string" || typeof secret !== "string")
    throw new CredentialsProblem(`${program} did not print the credentials for ${registry}`);
  if (secret === "") return null;
  return username === TOKEN_USER ? { identityToken: secret } : { username, secret };
}

const exit = (code: number | null): string => (code === null ? "it was killed" : `exit code ${code}`);

function fields(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function run(
  program: string,
  input: string,
  { env, signal }: HelperDeps,
): Promise<{ code: number | null; out: string }> {
  signal.throwIfAborted();
  const { spawn } = process.getBuiltinModule("node:child_process");
  return new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], { env, stdio: ["pipe", "pipe", "ignore"], windowsHide: true });
    const parts: Buffer[] = [];
    let size = 0;
    const kill = (): void => void child.kill("SIGKILL");
    const aborted = (): void => {
      kill();
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", aborted, { once: true });
    child.stdout.on("data", (part: Buffer) => {
      size += part.length;
      if (size <= MOST) parts.push(part);
      else kill();
    });
    // One that ends without reading.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.once("error", (error: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", aborted);
      reject(
        new CredentialsProblem(
          error.code === "ENOENT"
            ? `${program}, which the Docker configuration names for ${input}, is not on PATH`
            : `${program} could not be started: ${systemErrorText(error)}`,
        ),
      );
    });
    child.once("close", (code) => {
      signal.removeEventListener("abort", aborted);
      if (size > MOST) reject(new CredentialsProblem(`${program} printed more than ${MOST / 1024} KiB`));
      else resolve({ code, out: Buffer.concat(parts).toString("utf8") });
    });
  });
}
