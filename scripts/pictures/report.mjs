// The page of a drift report, as a browser shows it: a small fleet that has drifted, checked by the real command.
import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";

const program = `terraform {
  required_providers {
    daytona = {
      source = "daytona-iac/daytona"
    }
  }
}

resource "daytona_snapshot" "agent" {
  for_each = toset(["browser", "crawler", "python", "notebook"])
  name     = each.key
  image    = "ubuntu:24.04-\${each.key}"
}

resource "daytona_snapshot" "tools" {
  name       = "tools"
  dockerfile = "app/Dockerfile"
}
`;

/** Answers the PNG of each color scheme. */
export async function shootReport({ work, cli, env, project, terraform, control }) {
  const chromium = [process.env.DAYTONA_IAC_CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
    (path) => path && existsSync(path),
  );
  if (!chromium) throw new Error("no Chromium: name it in DAYTONA_IAC_CHROMIUM");
  const dir = project("infra", {
    "main.tf": program,
    "app/Dockerfile": "FROM python:3.13-slim\nCOPY requirements.txt main.py ./\n",
    "app/requirements.txt": "fastapi==0.116\n",
    "app/main.py": "print('hello')\n",
  });
  terraform(dir, "init", "-no-color");
  terraform(dir, "apply", "-auto-approve", "-no-color");
  const before = Date.now() - 3 * 86_400_000;
  await control("update", "crawler", { state: "inactive", updatedAt: before });
  const errorReason = "failed to pull image: manifest unknown";
  await control("update", "python", { state: "error", errorReason, updatedAt: before });
  await control("remove", "browser");
  writeFileSync(join(dir, "app/requirements.txt"), "fastapi==0.117\n");
  const page = join(work, "drift.html");
  const tool = process.env.DAYTONA_IAC_TERRAFORM || "terraform";
  const args = ["drift", "--terraform", "infra", "--binary", tool, "--quiet", "--output", `html=${page}`];
  const done = spawnSync(cli, args, { cwd: work, env, encoding: "utf8" });
  if (done.status !== 2) throw new Error(`drift ended with ${done.status}:\n${done.stdout}${done.stderr}`);
  return shoot(chromium, page);
}

async function shoot(chromium, file) {
  const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: 1100, height: 900 });
    const pictures = [];
    for (const scheme of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
      await page.goto(`file://${file}`);
      pictures.push([scheme, Buffer.from(await page.screenshot({ type: "png", optimizeForSpeed: false }))]);
    }
    return pictures;
  } finally {
    await browser.close();
  }
}
