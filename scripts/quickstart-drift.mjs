// `npm run quickstart -- --drift`: what a pipeline sees when snapshots drift. Called by quickstart.mjs.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = `terraform {
  required_providers {
    daytona = {
      source = "daytona-iac/daytona"
    }
  }
}

variable "release" {
  default = "24.04"
}

resource "daytona_snapshot" "agent" {
  for_each = toset(["crawler", "python", "browser", "notebook", "tools"])
  name     = each.key
  image    = "ubuntu:\${var.release}-\${each.key}"
  active   = each.key != "notebook"
}
`;

export async function quickstartDrift({ tool, name, cli, work, env, ready, tell, run, fail }) {
  const root = join(work, "infra");
  mkdirSync(root);
  writeFileSync(join(root, "main.tf"), program);
  const terraform = (...args) => run(tool, [`-chdir=${root}`, ...args, "-no-color"], { env });
  await tell(`${name} init`, () => {
    const mirror = join(work, "mirror");
    run(process.execPath, [cli, "install", "--dir", mirror], { env });
    writeFileSync(
      env.TF_CLI_CONFIG_FILE,
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
    );
    terraform("init");
    return "the provider was found without any registry";
  });
  await tell(`${name} apply`, () => {
    terraform("apply", "-auto-approve");
    return "four snapshots are active, one is inactive on purpose";
  });
  await tell("Two weeks pass: one goes idle, one fails, one is deleted, one is activated manually", async () => {
    const control = async (command, ...args) => {
      const answer = await fetch(new URL(`/_control/${command}`, ready.apiUrl), {
        method: "POST",
        body: JSON.stringify(args),
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${ready.apiKey}` },
      });
      if (!answer.ok) fail(`${command}: ${await answer.text()}`);
    };
    const before = Date.now() - 3 * 86_400_000;
    await control("update", "crawler", { state: "inactive", updatedAt: before });
    await control("update", "python", {
      state: "error",
      errorReason: "failed to pull image: manifest unknown",
      updatedAt: before,
    });
    await control("remove", "browser");
    await control("update", "notebook", { state: "active", updatedAt: before });
    return "done";
  });
  const reports = mkdtempSync(join(tmpdir(), "daytona-iac-report-"));
  await tell("daytona-iac drift", () => {
    const done = spawnSync(
      process.execPath,
      [
        cli,
        "drift",
        "--terraform",
        root,
        "--binary",
        tool,
        "--quiet",
        "--output",
        `table=${join(reports, "drift.txt")}`,
        "--output",
        `markdown=${join(reports, "drift.md")}`,
        "--output",
        `html=${join(reports, "drift.html")}`,
        "--output",
        `json=${join(reports, "drift.json")}`,
      ],
      { env, encoding: "utf8" },
    );
    if (done.status !== 2) fail(`drift ended with ${done.status}:\n${done.stdout}${done.stderr}`);
    return `${JSON.parse(readFileSync(join(reports, "drift.json"), "utf8")).verdict.replace(/\.$/, "")}; exit code 2`;
  });
  console.log(`\nThe table:\n\n${readFileSync(join(reports, "drift.txt"), "utf8").replace(/^(?=.)/gm, "  ")}`);
  console.log(
    `The Markdown of a merge request, its beginning:\n\n${readFileSync(join(reports, "drift.md"), "utf8")
      .split("\n")
      .slice(0, 8)
      .join("\n")
      .replace(/^(?=.)/gm, "  ")}\n`,
  );
  console.log(`The page: ${join(reports, "drift.html")}\n`);
  console.log("Next: docs/guides/drift.md shows the same in a pipeline.");
}
