import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Project } from "../support/terraform";
import { ok, setup } from "./setup";

jest.setTimeout(180_000);
const { api, project } = setup();

// OpenTofu makes a folder in the user's home.
const home = mkdtempSync(join(tmpdir(), "daytona-iac-home-"));
afterAll(() => rmSync(home, { recursive: true }));

/** The layout of many projects: the program beside the Dockerfile, which takes the whole folder. */
function beside(): Project {
  const made = project(
    'module "part" {\n  source = "./part"\n}\nresource "daytona_snapshot" "agent" {\n  name       = "agent"\n  dockerfile = "${abspath(path.module)}/Dockerfile"\n}\n',
    { env: { HOME: home } },
  );
  mkdirSync(join(made.dir, "part"));
  made.write("part/main.tf", 'output "x" {\n  value = 1\n}\n');
  made.write("Dockerfile", "FROM ubuntu:24.04\nCOPY . .\n");
  made.write("app.py", "print()\n");
  return made;
}

const note = (paths: string): string =>
  `Files that belong to Terraform, Pulumi, CDKTF or the local API are not sent: ${paths}. They change with every apply, so each plan would find a changed source. ` +
  "Add them to .dockerignore to end this warning. An instruction that names one sends it.";

test("Terraform's own files beside the Dockerfile are not sent: after init and apply nothing is left to do", async () => {
  const it = beside();
  ok(await it.run(["init", "-input=false"]));
  const first = ok(await it.plan("-out=next"), 2);
  expect(first.warnings.map(({ detail }) => detail)).toEqual([
    note('".terraform", ".terraform.tfstate.lock.info", "terraform.tfstate"'),
  ]);
  // The saved plan lies in the context by now, under a name that says nothing.
  ok(await it.run(["apply", "-json", "next"]));
  expect(api().control.snapshot("agent")?.state).toBe("active");
  expect(Object.keys(it.state())).toContain("daytona_snapshot.agent");
  expect((await it.plan()).changes).toEqual([]);
  // Terraform shows one of the warnings that have one summary.
  mkdirSync(join(it.dir, ".git"));
  symlinkSync("/nowhere", join(it.dir, "lost"));
  it.write("app.py", "print(1)\n");
  const changed = ok(await it.plan(), 2);
  expect(changed.changes).toEqual(["update daytona_snapshot.agent"]);
  expect(changed.warnings.map(({ detail }) => detail)).toContain(
    note('".terraform", ".terraform.tfstate.lock.info", "next", "terraform.tfstate"'),
  );
  const human = ok(await it.run(["plan", "-no-color"])).stdout;
  for (const summary of [
    "Files of Terraform and other tools are not sent",
    ".git is not sent",
    "Symlinks are left out of the build context",
  ])
    expect(human).toContain(`Warning: ${summary}`);
  expect(human.replace(/\s+/g, " ")).toContain('Add the line ".git" to .dockerignore');
  ok(await it.apply());
  // With the backup of the state, another plan, and a copy of the state under another name.
  ok(await it.plan("-out=other.zip"), 0);
  ok(await it.run(["state", "pull"]).then((pulled) => (it.write("pulled.json", pulled.stdout), pulled)));
  expect(await it.plan()).toMatchObject({ code: 0, changes: [], warnings: [] });
});
