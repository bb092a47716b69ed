// The local API in a process of its own, so that it takes no time from what is measured.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, start } from "./ground.mjs";

/** Starts `daytona-iac local`. `control(command, ...args)` is its control endpoint. */
export async function local(...flags) {
  const cli = join(root, "dist/cli/main.js");
  if (!existsSync(cli)) {
    console.error('dist/ is not built: run "npm run build" first.');
    process.exit(1);
  }
  const child = start(process.execPath, [cli, "local", "--format", "json", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { apiUrl, apiKey } = await new Promise((resolve, reject) => {
    let text = "";
    child.once("exit", (code) => reject(new Error(`the local API ended with ${code}`)));
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resolve(JSON.parse(text.slice(0, text.indexOf("\n"))));
    });
  });
  const at = apiUrl.replace(/\/api$/, "/_control");
  return {
    apiUrl,
    env: { DAYTONA_API_URL: apiUrl, DAYTONA_API_KEY: apiKey },
    get: (path) => fetch(`${apiUrl}${path}`, { headers: { Authorization: `Bearer ${apiKey}` } }),
    async control(command, ...args) {
      const answer = await fetch(`${at}/${command}`, {
        method: "POST",
        body: JSON.stringify(args),
        headers: { Authorization: `Bearer ${apiKey}` },
      });
      const json = await answer.json();
      if (!answer.ok) throw new Error(`${command}: ${json.message}`);
      return json.result;
    },
    close: () =>
      new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      }),
  };
}

/** What is in the state of an active, pulled snapshot of the local API. */
export function stateOf(dto) {
  return {
    id: dto.id,
    name: dto.name,
    image: dto.imageName,
    image_name: dto.imageName,
    state: dto.state,
    ref: dto.ref,
    size: dto.size,
    region: dto.regionIds[0],
    region_ids: dto.regionIds,
    cpu: dto.cpu,
    memory: dto.mem,
    disk: dto.disk,
    gpu: dto.gpu,
    gpu_type: dto.gpuType ?? null,
    sandbox_class: dto.sandboxClass,
    entrypoint: dto.entrypoint,
    organization_id: dto.organizationId,
    created_at: dto.createdAt,
    error_reason: dto.errorReason,
    active: true,
    replacement: "swap",
    adopt_existing: false,
  };
}

/** Counts as text: `6 list, 1 read`. */
export function counted(counts) {
  const kinds = Object.entries(counts)
    .filter(([kind]) => kind !== "total")
    .map(([kind, n]) => `${n} ${kind}`);
  return kinds.length === 0 ? "none" : kinds.join(", ");
}
