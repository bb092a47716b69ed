import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { FORMATS } from "../../../../provider/cli/drift/flags";
import { drift } from "../../../unit/cli/drift/run";
import { idle, setup } from "../setup";
import { binary, ground, head } from "./drift-project";

jest.setTimeout(240_000);

const { api } = setup();
const here = ground(api);
const exec = promisify(execFile);

const causes = ["unknown", "computed", "tainted", "requested", "triggered", "plain"] as const;
const states = ["idle", "failed", "gone"] as const;
const block = (cause: (typeof causes)[number]): string => `
resource "daytona_snapshot" "${cause}" {
  for_each = toset(["idle", "failed", "gone"])
  name     = "${cause}-\${each.key}"
  image    = ${cause === "unknown" ? 'var.later ? terraform_data.x.output : "ubuntu:24.04"' : '"ubuntu:24.04"'}
  ${cause === "computed" ? "memory = var.later ? length(terraform_data.x.output) : 1" : ""}
  ${cause === "triggered" ? "lifecycle {\n    replace_triggered_by = [terraform_data.x]\n  }" : ""}
}
`;

test("what the plan changes survives drift and its ignoring: a value known after the apply, a taint, -replace, replace_triggered_by, beside every kind of drift", async () => {
  const { applied, tool, run } = here();
  await applied(
    `variable "later" { default = false }\nresource "terraform_data" "x" {\n  input = var.later ? "b" : "a"\n}\n${causes.map(block).join("")}`,
  );
  for (const cause of causes) {
    idle(api(), `${cause}-idle`);
    api().control.update(`${cause}-failed`, { state: "error", errorReason: "no space" });
    api().control.remove(`${cause}-gone`);
  }
  for (const state of states) await tool("taint", `daytona_snapshot.tainted["${state}"]`);
  const args = [
    "--",
    "-var",
    "later=true",
    ...states.map((state) => `-replace=daytona_snapshot.requested["${state}"]`),
  ];
  const { code, report } = await run(...args);
  expect(code).toBe(2);
  const found = Object.fromEntries(
    report.snapshots.map(({ name, happened, notApplied }) => [name, [happened, notApplied]]),
  );
  expect(found).toEqual(
    Object.fromEntries(
      causes.flatMap((cause) => states.map((state) => [`${cause}-${state}`, [state, cause !== "plain"]])),
    ),
  );
  const ignored = await run("--ignore", "*:*", ...args);
  expect([ignored.code, ignored.report.counts]).toMatchObject([3, { drifted: 0, notApplied: 15 }]);
  expect((await run("--ignore", "*:*", "--terraform", ".", "--", "-target=daytona_snapshot.plain")).code).toBe(0);
});

test("arguments of the plan are refused by name, or work", async () => {
  const { applied, run, env, dir } = here();
  await applied(
    'resource "daytona_snapshot" "a" {\n  name  = "a"\n  image = "ubuntu:24.04"\n}\nresource "daytona_snapshot" "b" {\n  name  = "b"\n  image = "ubuntu:24.04"\n}\n',
  );
  idle(api(), "a");
  for (const args of [
    ["-detailed-exitcode"],
    ["-json"],
    ["-lock=false"],
    ["-refresh=true"],
    ["-destroy=false"],
    ["-input=true"],
  ])
    expect([args, (await run("--", ...args)).code]).toEqual([args, 2]);
  for (const [args, why] of [
    [["-refresh=false"], "drift cannot plan with -refresh=false\n  Without a refresh, drift is not visible."],
    [["--refresh=0"], "drift cannot plan with -refresh=0\n"],
    [["-refresh-only"], "drift cannot plan with -refresh-only\n"],
    [["-destroy"], "drift cannot plan with -destroy\n"],
    [["-lock"], "drift cannot plan with -lock\n"],
    [["-out=x"], "drift cannot plan with -out\n"],
    [["-out", "x"], "drift cannot plan with -out\n"],
    [["-generate-config-out=x.tf"], "drift cannot plan with -generate-config-out\n"],
    [["-help"], "drift cannot plan with -help\n"],
  ] as const) {
    expect([args, await drift(api(), ["--binary", binary, "--", ...args], { env })]).toEqual([
      args,
      { code: 64, out: "", err: expect.stringContaining(why) as string },
    ]);
  }
  for (const text of [
    "-refresh=false",
    "-out=kept",
    "-json",
    "-detailed-exitcode",
    "-lock=true",
    "-json -detailed-exitcode -refresh=0",
  ]) {
    env["TF_CLI_ARGS_plan"] = text;
    expect([text, (await run()).code]).toEqual([text, 2]);
  }
  for (const name of ["TF_CLI_ARGS_plan", "TF_CLI_ARGS"]) {
    for (const text of ["-destroy", "-refresh-only", '"-refresh-only"']) {
      delete env["TF_CLI_ARGS_plan"];
      env[name] = text;
      expect(await run()).toMatchObject({
        code: 1,
        report: {
          sources: [
            {
              error: {
                summary: `drift cannot plan with ${text.replaceAll('"', "")}`,
                detail: expect.stringContaining(`Remove it from ${name}.`) as string,
              },
            },
          ],
        },
      });
    }
  }
  delete env["TF_CLI_ARGS"];
  // Arguments of every command reach `show`, too, which does not know most of them.
  env["TF_CLI_ARGS"] = "-input=false";
  expect((await run("--terraform", dir)).code).toBe(2);
  expect(existsSync("kept")).toBe(false);
});

test("a part of the state is said to be one, and the rest of it counts as managed", async () => {
  const { applied, run, tool } = here();
  await applied(
    'resource "daytona_snapshot" "a" {\n  name  = "a"\n  image = "ubuntu:24.04"\n}\nresource "daytona_snapshot" "b" {\n  name  = "b"\n  image = "ubuntu:24.04"\n}\n',
  );
  api().control.insert({ name: "stray" });
  const note = "The plan covers part of the state: 1 of 2 snapshots (-target, -exclude). The others were not checked.";
  expect(await run("--unmanaged", "--", "-target=daytona_snapshot.a")).toMatchObject({
    code: 0,
    report: { sources: [{ notes: [note] }], unmanaged: [{ name: "stray" }] },
  });
  await tool("plan", "-out=p", "-target=daytona_snapshot.a");
  writeFileSync("p.json", (await tool("show", "-json", "p")).stdout);
  expect(await run("--unmanaged", "--plan", "p.json")).toMatchObject({
    code: 0,
    report: { sources: [{ notes: [note] }], unmanaged: [{ name: "stray" }] },
  });
  for (const flag of ["-destroy", "-refresh-only"]) {
    await tool("plan", "-out=q", flag);
    writeFileSync("q.json", (await tool("show", "-json", "q")).stdout);
    expect(await run("--plan", "q.json")).toMatchObject({
      code: 1,
      report: { sources: [{ error: { summary: `the plan q.json was created with ${flag}` } }] },
    });
  }
});

test("a workspace that does not exist is an error, and is not made", async () => {
  const { applied, run, tool, env } = here();
  await applied('resource "daytona_snapshot" "a" {\n  name  = "a"\n  image = "ubuntu:24.04"\n}\n');
  env["TF_WORKSPACE"] = "typo";
  const error = {
    summary: 'workspace "typo" of . does not exist',
    detail:
      "Existing workspaces: default. Correct TF_WORKSPACE, or select another workspace. A workspace that does not exist would be planned as an empty one.",
  };
  expect(await run()).toMatchObject({ code: 1, report: { sources: [{ error }] } });
  await exec("rm", ["-r", ".terraform"]);
  expect(await run()).toMatchObject({ code: 1, report: { sources: [{ error }] } });
  expect([existsSync("terraform.tfstate.d"), existsSync(".terraform")]).toEqual([false, false]);
  delete env["TF_WORKSPACE"];
  await tool("init");
  await tool("workspace", "new", "prod");
  const { code, report } = await run();
  expect([code, report.sources]).toMatchObject([3, [{ name: ".", workspace: "prod" }]]);
  const { out } = await drift(api(), ["--binary", binary], { env });
  expect(out).toContain(`Checked: ${/tofu/.test(binary) ? "OpenTofu" : "Terraform"} root "." (workspace prod).`);
  await exec("rm", ["-r", ".terraform"]);
  env["TF_WORKSPACE"] = "prod";
  expect((await run()).report.sources).toMatchObject([{ workspace: "prod", error: null }]);
  expect(existsSync(".terraform")).toBe(false);
});

test("an import says what the apply does to the snapshot, a name that a stranger has says so", async () => {
  const { run, tool } = here();
  const id = api().control.insert({ name: "taken" });
  api().control.insert({ name: "imp" });
  writeFileSync(
    "main.tf",
    `${head}import {\n  to = daytona_snapshot.imp\n  id = "imp"\n}\nresource "daytona_snapshot" "imp" {\n  name  = "imp"\n  image = "ubuntu:24.04"\n  cpu   = 4\n}\nresource "daytona_snapshot" "taken" {\n  name  = "taken"\n  image = "ubuntu:24.04"\n}\nresource "daytona_snapshot" "adopted" {\n  name           = "taken"\n  image          = "ubuntu:24.04"\n  adopt_existing = true\n}\nresource "daytona_snapshot" "free" {\n  name  = "free"\n  image = "ubuntu:24.04"\n}\n`,
  );
  await tool("init");
  const { code, report } = await run();
  expect(code).toBe(3);
  const told = Object.fromEntries(
    report.snapshots.map(({ address, summary, apply }) => [address.replace("daytona_snapshot.", ""), [summary, apply]]),
  );
  const stranger = `It is in the configuration, but has not been created: an unmanaged snapshot (${id}) has its name.`;
  expect(told).toEqual({
    imp: [
      "The configuration imports it and changes cpu, but has not been applied.",
      "Imports it. Creates a successor, then replaces it; takes about twice as long as pulling its image.",
    ],
    taken: [stranger, "Fails: the name is taken. Import the snapshot that has it, delete it, or choose another name."],
    adopted: [stranger, "Adopts the snapshot that has the name if it matches; otherwise, fails."],
    free: [
      "It is in the configuration, but has not been created.",
      "Creates it; takes about as long as pulling its image.",
    ],
  });
});

test("values of -var are in no report, and the command can be pasted", async () => {
  const { run, env } = here();
  await exec("mkdir", ["my infra"]);
  writeFileSync(
    "my infra/main.tf",
    `${head}variable "token" {}\nvariable "b" {}\nresource "daytona_snapshot" "a" {\n  name  = "a"\n  image = "ubuntu:24.04"\n}\n`,
  );
  const args = ["--terraform", "my infra", "--binary", binary];
  const rest = ["--", "-var", "token=planted-secret", "-var=b=planted two", "-compact-warnings", "-parallelism=2"];
  const { report, text } = await run(...args, ...rest);
  expect(report.snapshots[0]!.command).toBe(
    `${binary.replace(/.*\//, "")} '-chdir=my infra' apply -var "token=\${token:?}" -var "b=\${b:?}" -compact-warnings -parallelism=2`,
  );
  expect(text).not.toContain("planted");
  for (const format of FORMATS) {
    const { out, code } = await drift(api(), [...args, "--format", format, ...rest], { env });
    expect([format, code, out.includes("planted")]).toEqual([format, 3, false]);
  }
  expect(readFileSync("my infra/main.tf", "utf8")).toContain("token");
});
