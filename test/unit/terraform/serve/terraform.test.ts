import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Built, buildToy, isRunning, until } from "./built";

jest.setTimeout(120_000);

const tools = [
  ["terraform", process.env.DAYTONA_IAC_TERRAFORM ?? "terraform"],
  ["tofu", process.env.DAYTONA_IAC_TOFU ?? "tofu"],
] as const;
const present = tools.filter(
  ([, path]) => spawnSync(path, ["version"], { env: { PATH: process.env.PATH, CHECKPOINT_DISABLE: "1" } }).status === 0,
);
const forms = present.flatMap(([tool, path]) =>
  (["executable", "script"] as const).map((form) => ({ tool, path, form })),
);
const cases =
  forms.length > 0
    ? describe.each(forms)
    : describe.skip.each([{ tool: "terraform (not on PATH)", path: "", form: "executable" as const }]);

const program = (name: string) => `
terraform {
  required_providers {
    toy = { source = "daytona-iac/toy" }
  }
}
provider "toy" {
  token = "a-secret-token"
}
resource "toy_thing" "a" {
  name    = "${name}"
  size    = 9007199254740993
  zones   = ["z", "y", "z"]
  command = ["x", "y"]
  tags    = { b = "2", a = "1" }
}
data "toy_things" "all" {
  depends_on = [toy_thing.a]
}
output "names" {
  value = data.toy_things.all.names
}
`;

let built: Built;
beforeAll(() => {
  built = buildToy();
}, 120_000);
afterAll(() => built.remove());

cases("$tool with the $form", ({ path, form }) => {
  let dir: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "daytona-tf-"));
    mkdirSync(join(dir, "sockets"));
    env = {
      PATH: process.env.PATH,
      HOME: dir,
      CHECKPOINT_DISABLE: "1",
      TF_IN_AUTOMATION: "1",
      TF_CLI_CONFIG_FILE: join(dir, "rc"),
      TOY_FILE: join(dir, "toys.json"),
      PLUGIN_UNIX_SOCKET_DIR: join(dir, "sockets"),
    };
    writeFileSync(
      join(dir, "rc"),
      `provider_installation {\n  dev_overrides {\n    "daytona-iac/toy" = ${JSON.stringify(dirname(built[form]))}\n  }\n}\n`,
    );
    writeFileSync(join(dir, "main.tf"), program("alpha"));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const run = (...args: string[]) => {
    const done = spawnSync(path, [...args, "-no-color"], { cwd: dir, env, encoding: "utf8" });
    return { code: done.status, text: done.stdout + done.stderr };
  };
  const toys = () => JSON.parse(readFileSync(env.TOY_FILE!, "utf8")) as { [id: string]: { size: unknown } };

  test("plan, apply, an empty plan, replace, import, destroy", () => {
    const planned = run("plan");
    expect(planned.text).toContain("Plan: 1 to add, 0 to change, 0 to destroy.");
    expect(planned.text).toContain("size    = 9007199254740993");
    expect(run("apply", "-auto-approve").text).toContain("1 added, 0 changed, 0 destroyed.");
    expect(toys()["id-alpha"]?.size).toBe("9007199254740993");
    expect(run("plan", "-detailed-exitcode").code).toBe(0);

    writeFileSync(join(dir, "main.tf"), program("beta"));
    expect(run("plan").text).toContain("# forces replacement");
    expect(run("apply", "-auto-approve").text).toContain("1 added, 0 changed, 1 destroyed.");

    expect(run("state", "rm", "toy_thing.a").code).toBe(0);
    expect(run("import", "toy_thing.a", "id-beta").code).toBe(0);
    expect(run("plan", "-detailed-exitcode").code).toBe(0);

    const destroyed = run("destroy", "-auto-approve");
    expect(destroyed.text).toContain("Destroy complete! Resources: 1 destroyed.");
    expect(destroyed.text).toContain("beta goes away.");
    expect(toys()).toEqual({});
    expect(execFileSync("ls", [join(dir, "sockets")]).toString()).toBe("");
  });

  test("a bug in the provider is shown as one, with the address", () => {
    writeFileSync(join(dir, "main.tf"), program("plan-bug"));
    const { code, text } = run("plan");
    expect(code).toBe(1);
    expect(text).toMatch(
      /Error: The Daytona provider failed in PlanResourceChange[^]*with toy_thing\.a[^]*Error: the plan went wrong[^]*This is a bug in the Daytona provider/,
    );
    expect(text).not.toContain("The plugin encountered an error");
  });

  test("logs reach Terraform's log without the secret", () => {
    env.TF_LOG_PROVIDER = "info";
    env.TF_LOG_PATH = join(dir, "log");
    expect(run("apply", "-auto-approve").code).toBe(0);
    const log = readFileSync(join(dir, "log"), "utf8");
    expect(log).toContain("configured with [secret]");
    expect(log).toMatch(/\[INFO\] .*applying: .*name=alpha/);
    expect(log).not.toContain("a-secret-token");
  });

  test("an interrupt reaches the call under way, and the state is saved", async () => {
    writeFileSync(join(dir, "main.tf"), program("slow"));
    const apply = spawn(path, ["apply", "-auto-approve", "-no-color"], { cwd: dir, env });
    let text = "";
    apply.stdout.on("data", (d: Buffer) => {
      text += d.toString();
    });
    const ended = new Promise((resolve) => apply.on("close", resolve));
    expect(await until(() => text.includes("toy_thing.a: Creating..."), 60)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 500));
    apply.kill("SIGINT");
    await ended;
    expect(text).toContain("id-slow is kept.");
    expect(run("state", "show", "toy_thing.a").text).toContain('id      = "id-slow"');
  });

  test("Terraform killed outright leaves no provider and no socket behind", async () => {
    writeFileSync(join(dir, "main.tf"), program("slow"));
    const apply = spawn(path, ["apply", "-auto-approve", "-no-color"], { cwd: dir, env });
    let text = "";
    apply.stdout.on("data", (d: Buffer) => {
      text += d.toString();
    });
    expect(await until(() => text.includes("toy_thing.a: Creating..."), 60)).toBe(true);
    const providers = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" })
      .trim()
      .split("\n")
      .map((l) => l.trim().split(/\s+/).map(Number))
      .filter(([, parent]) => parent === apply.pid)
      .map(([pid]) => pid!);
    expect(providers.length).toBeGreaterThan(0);
    apply.kill("SIGKILL");
    expect(await until(() => providers.every((pid) => !isRunning(pid)), 20)).toBe(true);
    expect(await until(() => execFileSync("ls", [join(dir, "sockets")]).toString() === "", 5)).toBe(true);
  });
});
