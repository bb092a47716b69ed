import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { reason } from "../../context-error";
import { ImageError } from "../image-error";

/** Where an engine listens. */
export interface Endpoint {
  /** `unix:///run/docker.sock`, `npipe:////./pipe/docker_engine`, `tcp://host:2376`. */
  readonly host: string;
  /** What names it, for messages: `DOCKER_HOST`, `the Docker context "x"`, or null for a default socket. */
  readonly from: string | null;
  readonly tls: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer } | null;
}

export interface EndpointDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  exists?(path: string): boolean;
}

/**
 * The endpoints to try, in order, as the Docker command line finds its own: `DOCKER_HOST`, else the context of `DOCKER_CONTEXT` or of
 * config.json, else the sockets of Docker, of rootless Docker, of Docker Desktop and of Podman that exist.
 * @throws ImageError for a context that does not exist, or an SSH address
 */
export function endpoints(deps: EndpointDeps): Endpoint[] {
  const { env, home } = deps;
  const host = env["DOCKER_HOST"];
  if (host)
    return [
      checkEndpoint({
        host,
        from: "DOCKER_HOST",
        tls:
          env["DOCKER_TLS_VERIFY"] || env["DOCKER_CERT_PATH"]
            ? certificates(env["DOCKER_CERT_PATH"] || join(home, ".docker"))
            : null,
      }),
    ];
  const folder = env["DOCKER_CONFIG"] || join(home, ".docker");
  const name = env["DOCKER_CONTEXT"] || currentContext(folder);
  if (name !== null && name !== "default") return [checkEndpoint(contextEndpoint(folder, name))];
  return defaults(deps);
}

function checkEndpoint(endpoint: Endpoint): Endpoint {
  if (endpoint.host.startsWith("ssh:"))
    throw new ImageError(
      `${endpoint.from} is ${endpoint.host}, and SSH addresses are not supported. Forward the socket with \`ssh -L\`, and set DOCKER_HOST to the forwarded socket.`,
    );
  if (!/^(unix|npipe|tcp|https?):\/\//.test(endpoint.host))
    throw new ImageError(
      `${endpoint.from} is "${endpoint.host}", which is not an address of an engine. Use "unix:///path" or "tcp://host:port".`,
    );
  return endpoint;
}

function currentContext(folder: string): string | null {
  try {
    const { currentContext: name } = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as {
      currentContext?: unknown;
    };
    return typeof name === "string" && name !== "" ? name : null;
  } catch {
    return null;
  }
}

function contextEndpoint(folder: string, name: string): Endpoint {
  const id = createHash("sha256").update(name).digest("hex");
  const from = `the Docker context "${name}"`;
  let meta: { Endpoints?: { docker?: { Host?: unknown } | null } | null } | null;
  try {
    meta = JSON.parse(readFileSync(join(folder, "contexts/meta", id, "meta.json"), "utf8")) as typeof meta;
  } catch {
    throw new ImageError(
      `The Docker context "${name}" does not exist. Run \`docker context ls\` to list them, or correct DOCKER_CONTEXT.`,
    );
  }
  const host = meta?.Endpoints?.docker?.Host;
  if (typeof host !== "string" || host === "")
    throw new ImageError(`The Docker context "${name}" has no address. Run \`docker context inspect ${name}\`.`);
  const tls = join(folder, "contexts/tls", id, "docker");
  return { host, from, tls: existsSync(tls) ? certificates(tls) : null };
}

function certificates(folder: string): NonNullable<Endpoint["tls"]> {
  const file = (name: string): Buffer | undefined => {
    const path = join(folder, name);
    try {
      return existsSync(path) ? readFileSync(path) : undefined;
    } catch (error) {
      throw new ImageError(`The engine's certificate ${path} cannot be read: ${reason(error)}.`);
    }
  };
  const [ca, cert, key] = [file("ca.pem"), file("cert.pem"), file("key.pem")];
  return { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

function defaults({ env, home, platform, exists = existsSync }: EndpointDeps): Endpoint[] {
  if (platform === "win32") return [{ host: "npipe:////./pipe/docker_engine", from: null, tls: null }];
  const runtime = env["XDG_RUNTIME_DIR"];
  const paths = [
    "/var/run/docker.sock",
    ...(runtime ? [join(runtime, "docker.sock")] : []),
    join(home, ".docker/run/docker.sock"),
    join(home, ".docker/desktop/docker.sock"),
    ...(runtime ? [join(runtime, "podman/podman.sock")] : []),
    "/run/podman/podman.sock",
  ];
  return paths.filter((path) => exists(path)).map((path) => ({ host: `unix://${path}`, from: null, tls: null }));
}
