import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DriftReport } from "../../../../provider/fleet/report/report";
import { attributes, change, plan, planned } from "../../fleet/plan";
import { world } from "../world";
import { drift } from "./run";
import { calls, path, script, terraform } from "./tools";

const here = world();
const state = attributes("agent");
const put = (file: string, content: unknown): void => {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
};
async function run(
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<{ code: number; report: DriftReport }> {
  const at = args.indexOf("--");
  const { code, out, err } = await drift(
    here.api,
    [...(at < 0 ? args : args.slice(0, at)), "--format", "json", ...(at < 0 ? [] : args.slice(at))],
    { env: { PATH: path(), ...env } },
  );
  if (out === "") throw new Error(err);
  return { code, report: JSON.parse(out) as DriftReport };
}
const sources = async (args: string[] = []): Promise<unknown[]> =>
  (await run(args)).report.sources.map(({ kind, name, stack, error }) => [kind, name, stack ?? null, error]);

describe("CDKTF", () => {
  /** What `app.synth()` writes. */
  const manifest = { stacks: { two: { workingDirectory: "stacks/two" }, one: { workingDirectory: "stacks/one" } } };
  beforeEach(() => {
    terraform();
    put("plan.json", plan([], [change("daytona_snapshot.agent", ["create"], null, planned(state))]));
    for (const name of ["one", "two", "old"]) put(`cdktf.out/stacks/${name}/cdk.tf.json`, "{}");
    put("synthesized.json", manifest);
    script("synth", 'echo "synth $CDKTF_OUTDIR" >> calls; cp synthesized.json "$CDKTF_OUTDIR/manifest.json"');
    put("cdktf.json", { app: "synth" });
  });

  test("the stacks of the program are checked, in the order of their names, and none that it has no more", async () => {
    expect(await sources()).toEqual([
      ["cdktf", ". (one)", "one", null],
      ["cdktf", ". (two)", "two", null],
    ]);
    expect(calls()[0]).toBe(`synth ${join(process.cwd(), "cdktf.out")}`);
    const { report } = await run(["--cdktf", "."]);
    expect(report.snapshots.map(({ command }) => command)).toEqual(["cdktf deploy one", "cdktf deploy two"]);
  });

  test("its output can be elsewhere; from elsewhere, the command begins with its folder", async () => {
    for (const name of ["one", "two"]) put(`app/out/stacks/${name}/cdk.tf.json`, "{}");
    put("app/cdktn.json", { app: "../bin/synth2", output: "out" });
    script("synth2", 'cp ../synthesized.json "$CDKTF_OUTDIR/manifest.json"');
    const { report } = await run(["--cdktf", "app"]);
    expect(report.snapshots.map(({ command }) => command)).toEqual([
      "cd app && cdktf deploy one",
      "cd app && cdktf deploy two",
    ]);
  });

  test.each<[string, () => void, string, RegExp]>([
    [
      "fails",
      () => script("synth", "echo wrong >&2; echo out; exit 3"),
      "`synth` failed in .",
      /^wrong\nThis is the "app" command of cdktf\.json\. To check the already synthesized stacks, pass --no-synth\.$/,
    ],
    [
      "synthesizes nothing",
      () => put("cdktf.out/manifest.json", manifest) ?? script("synth", "exit 0"),
      "`synth` synthesized nothing in .",
      /^It did not change cdktf\.out\/manifest\.json\. /,
    ],
    [
      "is not there",
      () => put("cdktf.json", { app: "" }),
      'cdktf.json has no "app"',
      /^It is the command that synthesizes the stacks\. Set it, or pass --no-synth\.$/,
    ],
    [
      "makes no stacks",
      () => put("synthesized.json", { stacks: {} }),
      "cdktf.out has no synthesized stacks",
      /^Its manifest\.json lists none\.$/,
    ],
    [
      "makes something else",
      () => put("synthesized.json", []),
      "cdktf.out/manifest.json cannot be read",
      /^It has no "stacks"\. Run `cdktf synth` again\.$/,
    ],
    [
      "makes half a file",
      () => put("synthesized.json", "{"),
      "cdktf.out/manifest.json cannot be read",
      / Run `cdktf synth` again\.$/,
    ],
    [
      "makes a link to a file elsewhere",
      () => {
        put("secret", "hunter2");
        script("synth", 'ln -sf ../secret "$CDKTF_OUTDIR/manifest.json"');
      },
      "cdktf.out/manifest.json cannot be read",
      /^It is a link to "\.\.\/secret", which is outside of the allowed folders\. Run `cdktf synth` again\.$/,
    ],
    [
      "names a folder that is not there",
      () => put("synthesized.json", { stacks: { gone: { workingDirectory: "stacks/gone" } } }),
      "cdktf.out/manifest.json cannot be read",
      /^The folder of stack gone is missing\. Run `cdktf synth` again\.$/,
    ],
    [
      "names no folder",
      () => put("synthesized.json", { stacks: { one: {} } }),
      "cdktf.out/manifest.json cannot be read",
      /^The folder of stack one is missing\. /,
    ],
  ])("an app that %s is an error of its project", async (_what, prepare, summary, detail) => {
    prepare();
    const { code, report } = await run();
    expect([code, report.sources]).toMatchObject([
      1,
      [{ kind: "cdktf", name: ".", error: { summary, detail: expect.stringMatching(detail) as string } }],
    ]);
  });

  test("--no-synth takes what is there", async () => {
    expect((await run(["--no-synth"])).report.sources[0]!.error).toEqual({
      summary: "cdktf.out has no synthesized stacks",
      detail: "It has no manifest.json. Run `cdktf synth`, or remove --no-synth.",
    });
    put("cdktf.out/manifest.json", { stacks: { one: { workingDirectory: "stacks/one" } } });
    expect(await sources(["--no-synth"])).toEqual([["cdktf", ". (one)", "one", null]]);
    expect(calls().some((line) => line.startsWith("synth"))).toBe(false);
  });
});

describe("Pulumi", () => {
  const events = readFileSync(join(__dirname, "../../fleet/preview-events.jsonl"), "utf8");
  const program =
    '{ [ "$1" != stack ] || { cat exported.json; exit ${EXPORT:-0}; }; while [ $# -gt 0 ]; do if [ "$1" = --event-log ]; then cp events.jsonl "$2"; fi; shift; done; echo said; echo "error: told" >&2; exit ${PREVIEW:-0}; }';
  const called =
    'echo "$(echo "$*" | sed "s#--event-log [^ ]*#--event-log LOG#") debug=$PULUMI_DEBUG_COMMANDS" >> calls';
  beforeEach(() => {
    put("Pulumi.yaml", "name: app\nruntime: yaml\n");
    put("events.jsonl", events);
    script("pulumi", `${called}\n${program}`);
  });
  const PREVIEW = "preview --refresh --non-interactive --color never --suppress-progress --event-log LOG";

  test("a preview with a refresh, for every stack that is named", async () => {
    const { report } = await run([
      "--pulumi",
      ".",
      "--stack",
      "dev",
      "--stack",
      "prod",
      "--",
      "--diff",
      "--expect-no-changes",
    ]);
    expect(report.sources.map(({ name, error }) => [name, error])).toEqual([
      [". (dev)", null],
      [". (prod)", null],
    ]);
    expect(calls()).toEqual(
      ["dev", "prod"].map(
        (stack) => `${PREVIEW} --stack ${stack} --diff --expect-no-changes --expect-no-changes=false debug=true`,
      ),
    );
    expect(report.snapshots.map(({ command }) => command).filter((command) => command !== null)).toContain(
      "pulumi -C . up --refresh --stack dev",
    );
  });

  test.each<[string, Record<string, string>, string | null]>([
    ["fails", { PREVIEW: "255" }, null],
    ["logs nothing", {}, "\n"],
    ["logs nothing and fails", { PREVIEW: "1" }, ""],
  ])("a preview that %s is an error, with what it said", async (_what, env, log) => {
    if (log !== null) put("events.jsonl", log);
    expect((await run([], env)).report.sources).toMatchObject([
      { kind: "pulumi", name: ".", error: { summary: "`pulumi preview` in . failed", detail: "told\nsaid" } },
    ]);
  });

  test("a part of a stack: what it manages is asked for, and its failure is an error", async () => {
    const id = here.api.control.insert({ name: "outside" });
    here.api.control.insert({ name: "stray" });
    put("exported.json", {
      version: 3,
      deployment: {
        resources: [
          {
            urn: "urn:pulumi:dev::p::daytona:index:Snapshot::a",
            type: "daytona:index:Snapshot",
            custom: true,
            id: "outside",
            outputs: { name: "outside", snapshotId: id },
          },
        ],
      },
    });
    const { report } = await run(["--unmanaged", "--", "--target", "urn"]);
    expect(report.unmanaged!.map(({ name }) => name)).toEqual(["stray"]);
    expect(calls().at(-1)).toBe("stack export --non-interactive debug=true");
    expect((await run(["--unmanaged", "--", "--target", "urn"], { EXPORT: "2" })).report).toMatchObject({
      unmanaged: null,
      sources: [{ error: { summary: "`pulumi stack export` in . failed" } }],
    });
    await run(["--unmanaged"]);
    expect(calls().at(-1)).toBe(`${PREVIEW} debug=true`);
    await run(["--", "--target", "urn"]);
    expect(calls().at(-1)).toBe(`${PREVIEW} --target urn debug=true`);
  });

  test("--stack with a Pulumi project beside another kind", async () => {
    terraform();
    put("infra/main.tf", "");
    put("plan.json", plan([], [change("daytona_snapshot.agent", ["no-op"], state, state)]));
    expect(await sources(["--terraform", "infra", "--pulumi", ".", "--stack", "dev"])).toEqual([
      ["terraform", "infra", null, null],
      ["pulumi", ". (dev)", "dev", null],
    ]);
  });

  test("arguments are refused before anything runs", async () => {
    expect(await drift(here.api, ["--pulumi", ".", "--", "--refresh=false"], { env: { PATH: path() } })).toMatchObject({
      code: 64,
      out: "",
      err: 'Error: drift cannot preview with --refresh\n  Without a refresh, drift is not visible. Remove it after "--".\n',
    });
    expect(calls()).toEqual([]);
  });
});

test("arguments of a plan are refused before anything runs", async () => {
  terraform();
  put("main.tf", "");
  expect(await drift(here.api, ["--", "-refresh-only"], { env: { PATH: path() } })).toMatchObject({
    code: 64,
    out: "",
    err: 'Error: drift cannot plan with -refresh-only\n  A plan with -refresh-only does not compare the configuration, so unapplied changes would be missing. Remove it after "--".\n',
  });
  expect(calls()).toEqual([]);
});

test.each(["-var", "-var-file=prod.tfvars", "-target=a.b", "-refresh=false", "-lock", "--target", "--diff=true"])(
  "%s in front of -- is named as it was written, with its place",
  async (argument) => {
    terraform();
    put("main.tf", "");
    const [name] = argument.split("=");
    expect(await drift(here.api, ["--terraform", ".", argument, "release=1"], { env: { PATH: path() } })).toEqual({
      code: 64,
      out: "",
      err: `Error: ${name} is an argument of the plan or preview. Write it after "--": daytona-iac drift … -- ${name} …\nRun "daytona-iac drift --help" for help.\n`,
    });
    expect(calls()).toEqual([]);
    expect((await drift(here.api, ["-vq", "--", "-var", "release=1"], { env: { PATH: path() } })).code).not.toBe(64);
  },
);

test("all projects of a folder are checked: Pulumi's, CDKTF's and a Terraform root", async () => {
  const kinds = async (): Promise<unknown[]> => (await run()).report.sources.map(({ kind }) => kind);
  put("Pulumi.yml", "");
  put("a.tofu", "");
  expect(await kinds()).toEqual(["pulumi", "terraform"]);
  put("cdktf.json", {});
  expect(await kinds()).toEqual(["pulumi", "cdktf", "terraform"]);
});

test.each([
  [
    "terraform",
    "has no Terraform files (*.tf, *.tf.json)",
    "Specify the folder of a root module, which is where `terraform plan` runs.",
  ],
  [
    "cdktf",
    "has no cdktf.json",
    'Specify the folder of a CDKTF project. If this is one, create cdktf.json in it with the command that synthesizes: {"language": "typescript", "app": "npx tsx main.ts"}.',
  ],
  ["pulumi", "has no Pulumi.yaml", "Specify the folder of a Pulumi project, which is where `pulumi up` runs."],
])("--%s of another folder", async (kind, summary, detail) => {
  mkdirSync("x/main.tf.d", { recursive: true });
  put("file", "");
  expect((await run([`--${kind}`, "x"])).report.sources).toMatchObject([
    { error: { summary: `--${kind} x ${summary}`, detail } },
  ]);
  expect((await run([`--${kind}`, "file"])).report.sources).toMatchObject([
    { error: { summary: `--${kind} file is not a folder`, detail } },
  ]);
  expect((await run([`--${kind}`, "none"])).report.sources).toMatchObject([
    { error: { summary: `--${kind} none does not exist`, detail } },
  ]);
});
