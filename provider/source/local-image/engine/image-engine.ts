import type Dockerode from "dockerode";
import { isLimit, reason } from "../../context-error";
import { contentHash } from "../content-hash";
import { checkPlatform, ImageError } from "../image-error";
import { isObject } from "../shape";
import { surprises } from "../surprises";
import { loadDockerode } from "./dockerode";
import { type Endpoint, type EndpointDeps, endpoints } from "./endpoint";

/** How long an engine may take to answer a question, in ms. */
const ANSWER_MS = 30_000;

export interface PushProgress {
  /** ID of a layer. */
  readonly id: string;
  readonly current: number;
  readonly total: number;
}

/** A Docker-compatible engine, by its API (https://docs.docker.com/reference/api/engine/). */
export interface ImageEngine {
  /** For messages: `the engine at unix:///var/run/docker.sock`. */
  readonly where: string;
  /** Gives an image another name. */
  tag(id: string, name: { repository: string; tag: string }): Promise<void>;
  /** Removes a name. The image stays if it has another one. */
  untag(name: string): Promise<void>;
  /** Pushes a name. @throws Error with the text of the engine or the registry; the signal's reason */
  push(
    name: string,
    auth: { username: string; password: string; serveraddress: string },
    signal: AbortSignal,
    onProgress: (progress: PushProgress) => void,
  ): Promise<void>;
}

/**
 * The image in the first engine that answers.
 * @throws ImageError if there is no engine, no such image, or only one for another platform; the signal's reason
 */
export async function readEngineImage(
  name: string,
  deps: EndpointDeps,
  signal?: AbortSignal,
): Promise<{ hash: string; engine: ImageEngine; id: string; warnings: readonly string[] }> {
  const label = `The local image "${name}"`;
  const found = endpoints(deps);
  if (found.length === 0) {
    throw new ImageError(
      `${label} cannot be read: no Docker or Podman engine was found. Start Docker, or set DOCKER_HOST to the address of the engine. Without an engine, use "oci-archive:FILE" or "docker-archive:FILE".`,
    );
  }
  const failures: string[] = [];
  for (const endpoint of found) {
    const docker = await client(endpoint);
    let info: Dockerode.ImageInspectInfo;
    try {
      info = await inspect(docker, name, deadline(signal));
    } catch (error) {
      signal?.throwIfAborted();
      const { statusCode } = error as { statusCode?: number };
      if (statusCode === 404)
        throw new ImageError(
          `${label} does not exist in the engine at ${endpoint.host}. Run \`docker image ls\` to list its images. If it is in a registry, run \`docker pull --platform linux/amd64 ${name}\`, or use {image} instead of {localImage}.`,
        );
      if (statusCode !== undefined && statusCode < 500)
        throw new ImageError(
          `${label} cannot be read: the engine at ${endpoint.host} returned ${statusCode}: ${engineText(error)}.`,
        );
      failures.push(unreachable(endpoint, error));
      continue;
    }
    if (!isObject(info) || Buffer.isBuffer(info))
      throw new ImageError(
        `${label} cannot be read: the engine at ${endpoint.host} did not return an image. Check DOCKER_HOST.`,
      );
    checkPlatform(
      label,
      info.Os ?? "",
      info.Architecture ?? "",
      (info as { Variant?: string }).Variant,
      `Run \`docker build --platform linux/amd64 -t ${name} .\`, or \`docker pull --platform linux/amd64 ${name}\`.`,
    );
    const { layers, config } = contentOf(
      info,
      `${label} cannot be read: the response of the engine at ${endpoint.host}`,
    );
    const variant = (info as { Variant?: string }).Variant;
    const hash = contentHash({ os: info.Os, architecture: info.Architecture, variant, layers, config });
    const warnings = surprises(label, { variant: variant || null, variants: [], layers: layers.length });
    return { hash, engine: engineAt(endpoint, docker), id: info.Id, warnings };
  }
  throw new ImageError(`${label} cannot be read. ${failures.join(" ")}`);
}

/** What the hash is made of. A part that is missing must not count as empty: the image would seem never to change. */
function contentOf(
  info: Dockerode.ImageInspectInfo,
  doing: string,
): { layers: readonly string[]; config: Readonly<Record<string, unknown>> } {
  const { RootFS: files, Config: config, Id: id } = info as { RootFS?: unknown; Config?: unknown; Id?: unknown };
  const wrong = (what: string): ImageError =>
    new ImageError(
      `${doing} is missing ${what}. Update the engine, or use "oci-archive:FILE" or "docker-archive:FILE".`,
    );
  if (typeof id !== "string" || id === "") throw wrong("an ID");
  // An image from scratch has no layers, and the list may then be missing.
  const layers = isObject(files) ? (files["Layers"] ?? []) : null;
  if (!Array.isArray(layers) || !layers.every((layer) => typeof layer === "string")) throw wrong("its layers");
  if (!isObject(config)) throw wrong("its configuration");
  return { layers: layers as readonly string[], config };
}

function addressOf(host: string): URL {
  try {
    const url = new URL(host);
    if (url.hostname !== "") return url;
    throw new TypeError();
  } catch {
    throw new ImageError(`"${host}" is not an address of an engine. Use "unix:///path" or "tcp://host:port".`);
  }
}

/** dockerode's own `inspect` takes no notice of a signal: an engine that hangs would hold up the plan for ever. */
function inspect(docker: Dockerode, name: string, abortSignal: AbortSignal): Promise<Dockerode.ImageInspectInfo> {
  const options = {
    path: `/images/${name}/json`,
    method: "GET",
    abortSignal,
    statusCodes: { 200: true, 404: "no such image", 500: "server error" },
  };
  return new Promise((resolve, reject) => {
    const dial = docker.modem as unknown as {
      dial(asked: typeof options, done: (error: Error | null, found: Dockerode.ImageInspectInfo) => void): void;
    };
    dial.dial(options, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
}

async function client({ host, tls }: Endpoint): Promise<Dockerode> {
  const Docker = await loadDockerode();
  if (host.startsWith("unix://")) return new Docker({ socketPath: host.slice("unix://".length) });
  if (host.startsWith("npipe://")) return new Docker({ socketPath: host.slice("npipe://".length) });
  const url = addressOf(host);
  const secure = tls !== null || url.protocol === "https:";
  return new Docker({
    host: url.hostname,
    port: url.port || (secure ? "2376" : "2375"),
    protocol: secure ? "https" : "http",
    ...(tls ?? {}),
  } as Dockerode.DockerOptions);
}

function engineAt({ host }: Endpoint, docker: Dockerode): ImageEngine {
  return {
    where: `the engine at ${host}`,
    async tag(id, { repository, tag }) {
      await docker.getImage(id).tag({ repo: repository, tag, abortSignal: deadline() } as never);
    },
    async untag(name) {
      await docker.getImage(name).remove({ noprune: true, abortSignal: deadline() } as never);
    },
    async push(name, authconfig, signal, onProgress) {
      const stream = (await docker
        .getImage(name)
        .push({ authconfig, abortSignal: signal } as never)) as unknown as NodeJS.ReadableStream & { destroy?(): void };
      await new Promise<void>((resolve, reject) => {
        const aborted = (): void => stream.destroy?.();
        signal.addEventListener("abort", aborted, { once: true });
        const ended = (error: Error | null, events: { error?: string }[] = []): void => {
          signal.removeEventListener("abort", aborted);
          const failed =
            error ??
            events
              .map((event) => (event.error === undefined ? null : new Error(event.error)))
              .find((found) => found !== null) ??
            null;
          if (failed === null) resolve();
          else reject(failed);
        };
        stream.once("close", () => ended(signal.aborted ? new Error("given up") : null));
        docker.modem.followProgress(
          stream,
          ended,
          (event: { id?: string; progressDetail?: { current?: number; total?: number } }) => {
            const { current, total } = event.progressDetail ?? {};
            if (event.id !== undefined && current !== undefined)
              onProgress({ id: event.id, current, total: total ?? current });
          },
        );
      });
    },
  };
}

function deadline(signal?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(ANSWER_MS);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

/** The engine's own words. dockerode puts `(HTTP code 404) no such image - ` before them. */
export function engineText(error: unknown): string {
  const { json, message } = error as { json?: { message?: unknown }; message?: string };
  return String(json?.message ?? message ?? error)
    .trim()
    .replace(/\.$/, "");
}

function unreachable({ host, from }: Endpoint, error: unknown): string {
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  const named = from === null ? "" : ` (${from})`;
  if (isLimit(error)) return `The engine at ${host}${named} cannot be used: ${reason(error)}.`;
  if (isTimeout(error))
    return `The engine at ${host}${named} did not respond within ${ANSWER_MS / 1000} seconds. Restart it, or correct DOCKER_HOST.`;
  if (code === "EACCES")
    return `The engine at ${host}${named} denies access to this user. Add the user to the group \`docker\` and log in again, or set DOCKER_HOST to a rootless engine.`;
  if (code === "ENOENT" || code === "ECONNREFUSED")
    return `No engine is running at ${host}${named}. Start it, or correct DOCKER_HOST.`;
  return statusCode === undefined
    ? `The engine at ${host}${named} does not respond: ${engineText(error)}.`
    : `The engine at ${host}${named} failed with ${statusCode}: ${engineText(error)}.`;
}

/** Node wraps the reason of a signal into an AbortError. */
function isTimeout(error: unknown): boolean {
  const { name, cause } = error as { name?: string; cause?: { name?: string } };
  return name === "TimeoutError" || cause?.name === "TimeoutError";
}
