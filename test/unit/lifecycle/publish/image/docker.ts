import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Names what is missing of commands that tests need; none: all are there. */
export function missingTools(tools: readonly string[]): string[] {
  return tools.filter((tool) => spawnSync("sh", ["-c", `command -v "${tool}"`]).status !== 0);
}

/** Tests with real tools; skipped, with the reason in their name, where these are not installed, or root is needed and not there. */
export function withTools(
  tools: readonly string[],
  name: string,
  body: () => void,
  needs: { root?: boolean } = {},
): void {
  const missing = missingTools(tools);
  if (missing.length > 0) describe.skip(`${name} (not on PATH: ${missing.join(", ")})`, body);
  else if (needs.root === true && process.getuid?.() !== 0) describe.skip(`${name} (needs root)`, body);
  else describe(name, body);
}

/** The engines to test with: Debian's, which keeps images itself, and one that keeps them in containerd's store, if `DAYTONA_IAC_DOCKERD` names it. */
export const DOCKER_ENGINES = [
  { name: "Docker's engine", dockerd: "dockerd" },
  { name: "Docker's engine with containerd's store", dockerd: process.env["DAYTONA_IAC_DOCKERD"] ?? "" },
].filter(({ dockerd }) => dockerd !== "");

export interface Docker {
  /** For DOCKER_HOST. */
  readonly host: string;
  docker(...args: string[]): string;
  /** Builds an image from scratch with these files, without a network. */
  build(tag: string, files: Record<string, string>, lines?: readonly string[]): void;
  stop(): Promise<void>;
}

/** A Docker engine of its own: socket, data and process IDs in a folder, no network. Needs root. */
export async function startDocker(dockerd: string): Promise<Docker> {
  const folder = mkdtempSync(join(tmpdir(), "docker-"));
  const socket = join(folder, "docker.sock");
  const host = `unix://${socket}`;
  const [log, config] = [join(folder, "log"), join(folder, "config")];
  mkdirSync(config);
  const engine = spawn(
    "sh",
    [
      "-c",
      'exec "$0" "$@" >"$LOG" 2>&1',
      dockerd,
      ...["--iptables=false", "--ip6tables=false", "--bridge=none", "-H", host],
      ...["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec"), "--pidfile", join(folder, "pid")],
    ],
    { stdio: "ignore", env: { ...process.env, LOG: log }, detached: true },
  );
  const gone = new Promise<void>((resolve) => void engine.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    engine.kill("SIGTERM");
    const late = setTimeout(() => engine.kill("SIGKILL"), 15_000);
    await gone;
    clearTimeout(late);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  for (let tries = 0; (await ping(socket)) !== 200; tries += 1) {
    if (tries >= 300 || engine.exitCode !== null) {
      const said = existsSync(log) ? readFileSync(log, "utf8").slice(-2_000) : "";
      await stop();
      throw new Error(`${dockerd} did not start within 30 seconds: ${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const docker = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync("docker", args, {
      encoding: "utf8",
      // The builder that the engine itself has.
      env: { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: config, DOCKER_BUILDKIT: "0" },
    });
    if (status !== 0) throw new Error(`docker ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  return {
    host,
    docker,
    build(tag, files, lines = []) {
      const root = mkdtempSync(join(folder, "build-"));
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, name)), { recursive: true });
        writeFileSync(join(root, name), text);
      }
      const copies = Object.keys(files).map((name) => `COPY ${name} /${name}`);
      writeFileSync(join(root, "Dockerfile"), ["FROM scratch", ...copies, ...lines, ""].join("\n"));
      docker("build", "--network=none", "-q", "-t", tag, root);
    },
    stop,
  };
}

function ping(socketPath: string): Promise<number | undefined> {
  return new Promise((resolve) =>
    get({ socketPath, path: "/_ping" }, (answer) => resolve(answer.resume().statusCode)).on("error", () =>
      resolve(undefined),
    ),
  );
}
