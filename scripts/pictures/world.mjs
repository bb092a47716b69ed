// What the pictures are taken of: the executable as the sources are, the local API, and a folder with real Terraform.
import { spawn } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compileExecutable, here, packageJson, root, run } from "../build-provider.mjs";

/** Runs `body` in a world that is gone afterwards. */
export async function inWorld(body) {
  const work = mkdtempSync(join(tmpdir(), "daytona-iac-pictures-"));
  const cli = join(work, "bin/daytona-iac");
  let api;
  try {
    compileExecutable(cli, { source: join(root, "provider/executable/main.ts") });
    const { os, arch } = here();
    const { version } = packageJson;
    const provider = join(
      work,
      `mirror/registry.terraform.io/daytona-iac/daytona/${version}/${os}_${arch}/terraform-provider-daytona_v${version}`,
    );
    mkdirSync(dirname(provider), { recursive: true });
    linkSync(cli, provider);
    writeFileSync(
      join(work, "cli.tfrc"),
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(join(work, "mirror"))}\n  }\n}\n`,
    );
    api = spawn(cli, ["local", "--format", "json", "--pull-seconds", "1", "--build-seconds", "2"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const { apiUrl, apiKey } = await firstLine(api);
    return await body({ work, cli, ...toolsOf({ work, apiUrl, apiKey }) });
  } finally {
    api?.kill();
    rmSync(work, { recursive: true, force: true });
  }
}

function toolsOf({ work, apiUrl, apiKey }) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(DAYTONA|TF)_/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${join(work, "bin")}:${process.env.PATH}`,
    HOME: work,
    XDG_CACHE_HOME: join(work, "cache"),
    DAYTONA_API_URL: apiUrl,
    DAYTONA_API_KEY: apiKey,
    DAYTONA_RESOLVE_TAGS: "false",
    TF_CLI_CONFIG_FILE: join(work, "cli.tfrc"),
    CHECKPOINT_DISABLE: "1",
    TF_IN_AUTOMATION: "1",
  };
  return {
    env,
    /** A folder with files by their paths. */
    project(name, files) {
      const dir = join(work, name);
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), text);
      }
      return dir;
    },
    terraform: (dir, ...args) => run(process.env.DAYTONA_IAC_TERRAFORM || "terraform", args, { cwd: dir, env }),
    /** A command of the local API. */
    async control(command, ...args) {
      const answer = await fetch(new URL(`/_control/${command}`, apiUrl), {
        method: "POST",
        body: JSON.stringify(args),
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${apiKey}` },
      });
      if (!answer.ok) throw new Error(`${command}: ${await answer.text()}`);
    },
  };
}

function firstLine(child) {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.includes("\n")) resolve(JSON.parse(text.split("\n")[0]));
    });
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the local API ended with ${code}`)));
  });
}
