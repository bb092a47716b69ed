// The recording of an apply whose build fails: the old snapshot stays.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { record } from "./terminal.mjs";

const program = `terraform {
  required_providers {
    daytona = {
      source = "daytona-iac/daytona"
    }
  }
}

resource "daytona_snapshot" "agent" {
  name       = "agent"
  dockerfile = "app/Dockerfile"
}
`;
const reason = 'process "/bin/sh -c pip install -r requirements.txt" did not complete successfully: exit code: 1';
const output = `#4 0.912 ERROR: Could not find a version that satisfies the requirement fastapi==0.999
#4 0.914 ERROR: No matching distribution found for fastapi==0.999
#4 ERROR: ${reason}
`;

export async function recordFailingBuild({ project, terraform, control, env }) {
  const dir = project("failing", {
    "main.tf": program,
    "app/Dockerfile": "FROM python:3.13-slim\nCOPY requirements.txt main.py ./\nRUN pip install -r requirements.txt\n",
    "app/requirements.txt": "fastapi==0.116\n",
    "app/main.py": "print('hello')\n",
  });
  terraform(dir, "init", "-no-color");
  terraform(dir, "apply", "-auto-approve", "-no-color");
  writeFileSync(join(dir, "app/requirements.txt"), "fastapi==0.999\n");
  terraform(dir, "plan", "-out=plan", "-no-color");
  await control("source", { dockerfile: "requirements.txt", outcome: "fail", reason, output });
  const tool = process.env.DAYTONA_IAC_TERRAFORM || "terraform";
  const session = await record(
    [
      {
        shown: "terraform apply plan",
        command: [tool, "apply", "plan"],
        code: 1,
      },
    ],
    { cwd: dir, env },
  );
  await control("clearSources");
  return session;
}
