import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DigestCache } from "../../../../provider/source/hash/digest-cache";
import { SMALL_FILE } from "../../../../provider/source/hash/file-digest";
import { nothingWritten } from "../../../../provider/resources/snapshot";
import { createSourceReader } from "../../../../provider/source/source-reader";
import { type Content, copy, emptyFolder, onDisk, read } from "./tree-on-disk";
import type { ContextSource } from "../../../../provider/source/context-source";

const TOOLS = "Files that belong to Terraform, Pulumi, CDKTF or the local API are not sent:";
const toolNote = (paths: string): string =>
  `${TOOLS} ${paths}. They change with every apply, so each plan would find a changed source. Add them to .dockerignore to end this warning. An instruction that names one sends it.`;

async function found(tree: Record<string, Content>, ...sources: ContextSource[]): Promise<[string[], string[]]> {
  const { files, warnings } = await read(onDisk(tree), sources);
  return [files.map(({ path }) => path), [...warnings]];
}

// The first bytes of a plan that Terraform saved.
const PLAN = Buffer.concat([
  Buffer.from("504b03041400080008003b4a7e5d00000000000000000000000006000900", "hex"),
  Buffer.from("tfplanUT\x05\0\x01"),
  Buffer.alloc(100),
]);
const STATE = '{\n  "version": 4,\n  "terraform_version": "1.11.4",\n  "serial": 1\n}\n';

test.each<[string, Record<string, Content>, string]>([
  ["Terraform's folder", { ".terraform/providers/x": "" }, '".terraform"'],
  [
    "Terraform's folder, as a link that leaves the context",
    { ".terraform": { link: "/opt/terraform" } },
    '".terraform"',
  ],
  ["one below", { "infra/.terraform/modules/m/main.tf": "" }, '"infra/.terraform"'],
  [
    "states, their backups and their locks",
    {
      "terraform.tfstate": "1",
      "terraform.tfstate.backup": "2",
      "terraform.tfstate.1700000000.backup": "3",
      "terraform.dev.tfstate": "4",
      ".terraform.tfstate.lock.info": "5",
      "errored.tfstate": "6",
    },
    '".terraform.tfstate.lock.info", "errored.tfstate", "terraform.dev.tfstate", "terraform.tfstate", "terraform.tfstate.1700000000.backup" and 1 more',
  ],
  ["states of workspaces", { "terraform.tfstate.d/dev/terraform.tfstate": "" }, '"terraform.tfstate.d"'],
  ["a state under another name", { "state.json": STATE }, '"state.json"'],
  ["a state as OpenTofu pulls it", { state: STATE.replaceAll(/\s+/g, "") }, '"state"'],
  [
    "a state that OpenTofu encrypts",
    { state: '{"serial":1,"lineage":"a-b","meta":{"key_provider.pbkdf2.k":"eyJzYWx0IjoiIn0="},"encrypted_data":"x"}' },
    '"state"',
  ],
  [
    "a plan that OpenTofu encrypts",
    { plan: '{"meta":{"key_provider.pbkdf2.k":"eyJzYWx0IjoiIn0="},"encrypted_data":"x"}' },
    '"plan"',
  ],
  ["a saved plan under any name", { "plans/next": PLAN }, '"plans/next"'],
  ["a large one", { next: Buffer.concat([PLAN, Buffer.alloc(SMALL_FILE)]) }, '"next"'],
  ["a saved plan by its name", { "next.tfplan": "encrypted" }, '"next.tfplan"'],
  ["a log of a crash beside a configuration", { "crash.log": "", "main.tf": "" }, '"crash.log"'],
  ["Terraform's folder in the user's home", { ".terraform.d/credentials.tfrc.json": "" }, '".terraform.d"'],
  ["Terragrunt's folder", { ".terragrunt-cache/x/y/main.tf": "" }, '".terragrunt-cache"'],
  ["Pulumi's state", { ".pulumi/stacks/dev.json": "", "state/.pulumi/meta.yaml": "" }, '".pulumi", "state/.pulumi"'],
  [
    "what synth writes",
    { "cdktf.out/manifest.json": "", "b/cdktn.out/manifest.json": "" },
    '"b/cdktn.out", "cdktf.out"',
  ],
  [
    "the data of the local API",
    { "s.json": '{"version":1,"organizationId":"o","apiKey":"k","runnerId":"r","snapshots":[]}' },
    '"s.json"',
  ],
  ["its lock", { "s.json.lock": '{"pid":1,"started":"123","since":"2026","apiUrl":null}' }, '"s.json.lock"'],
])("%s: not sent, and said once", async (_what, tree, listed) => {
  // So that no folder is empty, which has a warning of its own.
  const folders = [
    "app",
    ...["b", "infra", "plans", "state"].filter((name) => Object.keys(tree).some((path) => path.startsWith(`${name}/`))),
  ];
  const others = Object.fromEntries(
    [...folders.map((name) => `${name}/a`), ...(tree["main.tf"] === undefined ? [] : ["main.tf"])].map((path) => [
      path,
      "",
    ]),
  );
  const kept = Object.keys(others).sort();
  for (const source of [
    copy("."),
    copy("*"),
    { ...copy("."), parents: true },
    { ...copy("/"), kind: "bind" as const, wildcards: false },
  ]) {
    const [files, warnings] = await found({ ...tree, ...others }, source);
    expect(files).toEqual(kept);
    expect(
      warnings.map((text) =>
        text
          .slice(TOOLS.length + 1)
          .split(". They")[0]!
          .split(", ")
          .sort(),
      ),
    ).toEqual([listed.split(", ").sort()]);
    expect(warnings[0]!.startsWith(TOOLS)).toBe(true);
  }
});

test("the note says all of it, once for all instructions", async () => {
  const [files, warnings] = await found({ "terraform.tfstate": "", a: "" }, copy("."), copy("*"), copy("./"));
  expect([files, warnings]).toEqual([["a"], [toolNote('"terraform.tfstate"')]]);
});

test("what is like it and is no tool's is sent: programs, lock files, other zips and logs", async () => {
  const tree = {
    ".terraform.lock.hcl": "",
    "Pulumi.dev.yaml": "",
    "a.zip": Buffer.concat([PLAN.subarray(0, 30), Buffer.from("readme"), Buffer.alloc(100)]),
    "b.zip": PLAN.subarray(0, 20),
    "app/crash.log": "",
    "cdk.json": '{"version":1,"organizationId":"o"}',
    "crash.txt": "",
    "main.tf": "",
    "my.tfstates": "",
    "package.json": '{\n  "version": 4,\n  "name": "x"}',
    "pulumi/a": "",
    terraform: "",
    ".gitignore": "",
    "x.git/HEAD": "",
  };
  const [files, warnings] = await found(tree, copy("."));
  expect([files, warnings]).toEqual([Object.keys(tree).sort(), []]);
});

test("an ignore file that lists them ends the note", async () => {
  const [files, warnings] = await found(
    {
      ".terraform/x": "",
      "terraform.tfstate": "",
      ".git/HEAD": "",
      a: "",
      ".dockerignore": ".terraform\n*.tfstate\n.git\n",
    },
    copy("."),
  );
  expect([files, warnings]).toEqual([["a"], []]);
});

const changes =
  "belongs to Terraform, Pulumi or CDKTF. It changes with every apply, so each plan will find a changed source.";
test.each<[string, Record<string, Content>, ContextSource, string[], string[]]>([
  [
    "a state",
    { "d/x.tfstate": "" },
    copy("d/x.tfstate"),
    ["d/x.tfstate"],
    [`Dockerfile, line 2, COPY: "d/x.tfstate" ${changes}`],
  ],
  [
    "states by a wildcard that can mean nothing else",
    { "x.tfstate": "" },
    copy("*.tfstate"),
    ["x.tfstate"],
    [`Dockerfile, line 2, COPY: "*.tfstate" ${changes}`],
  ],
  [
    "a folder",
    { "cdktf.out/stacks/dev/cdk.tf.json": "", "cdktf.out/.terraform/x": "" },
    copy("cdktf.out"),
    ["cdktf.out/.terraform/x", "cdktf.out/stacks/dev/cdk.tf.json"],
    [`Dockerfile, line 2, COPY: "cdktf.out" ${changes}`],
  ],
  [
    "what lies in one",
    { "cdktf.out/stacks/dev/cdk.tf.json": "", "cdktf.out/x": "" },
    copy("cdktf.out/stack*"),
    ["cdktf.out/stacks/dev/cdk.tf.json"],
    [`Dockerfile, line 2, COPY: "cdktf.out/stack*" ${changes}`],
  ],
  [
    "with --parents",
    { "a/cdktf.out/x": "", "a/y": "" },
    { ...copy("a/./cdktf.out/x"), parents: true },
    ["a/cdktf.out/x"],
    [`Dockerfile, line 2, COPY: "a/./cdktf.out/x" ${changes}`],
  ],
  ["a saved plan, which only its content tells", { next: PLAN }, copy("next"), ["next"], []],
])("an instruction that names %s sends it", async (_what, tree, source, files, warnings) => {
  expect(await found(tree, source)).toEqual([files, warnings]);
  // Also where another instruction has passed it over before.
  const [both] = await found({ ...tree, z: "" }, copy("."), source);
  expect(both).toEqual(expect.arrayContaining([...files, "z"]));
});

test("a folder that is named is sent with all that lies in it: such folders, links to such files, saved plans", async () => {
  const tree = {
    "cdktf.out/stacks/dev/.terraform/x": "",
    "cdktf.out/stacks/dev/next": PLAN,
    "cdktf.out/state": { link: "../terraform.tfstate" },
    "terraform.tfstate": "",
  };
  expect((await found(tree, copy("cdktf.out")))[0]).toEqual([
    "cdktf.out/stacks/dev/.terraform/x",
    "cdktf.out/stacks/dev/next",
    "cdktf.out/state",
  ]);
});

test("a wildcard at the end of a state's name names it; one that leads into such a folder does not", async () => {
  expect((await found({ "terraform.tfstate.backup": "", a: "" }, copy("terraform.tfstate*")))[0]).toEqual([
    "terraform.tfstate.backup",
  ]);
  const [files, warnings] = await found({ ".terraform/x": "", "app/x": "" }, copy("*/x"));
  expect([files, warnings]).toEqual([["app/x"], [toolNote('".terraform"')]]);
});

test("a list names as an instruction does", async () => {
  const root = onDisk({ "terraform.tfstate": "", "d/terraform.tfstate": "", "d/a": "" });
  expect((await read(root, [], { context: ["terraform.tfstate", "d"] })).files.map(({ path }) => path)).toEqual([
    "d/a",
    "terraform.tfstate",
  ]);
});

test("a link to what is left out is left out with it, one that is named is not", async () => {
  const tree = {
    "terraform.tfstate": "s",
    ".terraform/modules/m/a": "m",
    state: { link: "terraform.tfstate" },
    m: { link: ".terraform/modules/m" },
    a: "",
  };
  const [files, warnings] = await found(tree, copy("."));
  expect([files, warnings]).toEqual([["a"], [toolNote('".terraform", "m", "state", "terraform.tfstate"')]]);
  expect((await found(tree, copy("state", "m")))[0]).toEqual(["m/a", "state"]);
});

test("the digest of a saved plan is never believed to be another file's", async () => {
  const root = onDisk({ next: PLAN, a: "" });
  const cache = new DigestCache({ now: () => Date.now() + 60_000 });
  for (let run = 0; run < 3; run++) {
    const { files, warnings } = await read(root, [copy(".")], {}, { cache, now: () => Date.now() + 60_000 });
    expect([files.map(({ path }) => path), warnings]).toEqual([["a"], [toolNote('"next"')]]);
  }
});

test("a context that holds the user's cache folder does not hold this program's", async () => {
  const root = onDisk({ ".cache/daytona-iac/digests/x": "", ".cache/daytona-iac/plans/y": "", ".cache/other/z": "" });
  const cache = new DigestCache({ folder: join(root, ".cache/daytona-iac/digests"), now: Date.now });
  const { files, warnings } = await read(root, [copy(".")], {}, { cache });
  expect([files.map(({ path }) => path), warnings]).toEqual([[".cache/other/z"], [toolNote('".cache/daytona-iac"')]]);
});

test("what the environment names as a tool's own is not sent", async () => {
  const root = onDisk({
    "data/modules/x": "",
    "tf.log": "",
    "plugins/p": "",
    "home/bin/x": "",
    Dockerfile: "FROM a:1\nCOPY . .\n",
    kept: "",
  });
  const env = {
    TF_DATA_DIR: "data",
    TF_LOG_PATH: join(root, "tf.log"),
    TF_PLUGIN_CACHE_DIR: "./plugins/",
    PULUMI_HOME: "home",
    TF_X: "kept",
  };
  const build = await createSourceReader({ cwd: root, env }).prepare(
    { ...nothingWritten(), dockerfile: "Dockerfile" },
    (name) => name,
  );
  expect(build!.archives.flatMap(({ files }) => files.map(({ path }) => path))).toEqual(["kept"]);
  expect(build!.warnings.map(({ detail }) => detail)).toEqual([toolNote('"data", "home", "plugins", "tf.log"')]);
});

test("a mount that names the history has it", async () => {
  const mount = (path: string): ContextSource => ({
    ...copy(path),
    kind: "bind",
    instruction: "RUN --mount",
    wildcards: false,
  });
  const tree = { ".git/HEAD": "", a: "" };
  expect((await found(tree, mount(".git")))[0]).toEqual([".git/HEAD"]);
  expect((await found(tree, mount("")))[0]).toEqual(["a"]);
});

const historyNote = (paths: string, lines: string): string =>
  `${paths} in the build context ${paths.includes(", ") ? "are" : "is"} not sent, because ${paths.includes(", ") ? "they differ" : "it differs"} between clones of the same commit, so each clone would rebuild the snapshot. Add the ` +
  `${lines.includes(", ") ? "lines" : "line"} ${lines} to .dockerignore to end this warning. If the build needs the history, for example for git describe, pass the result in buildArgs. ` +
  "An instruction that names the folder, such as COPY .git, sends it.";

const git = (cwd: string, ...args: string[]): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "protocol.file.allow=always", ...args], {
    cwd,
    stdio: "pipe",
  }).toString();

test("two clones of one commit, a worktree and one with submodules have one hash", async () => {
  const folder = emptyFolder();
  const at = (name: string): string => join(folder, name);
  for (const name of ["sub", "origin"]) {
    mkdirSync(at(name));
    git(at(name), "init", "-q", "-b", "main");
    writeFileSync(join(at(name), "a"), name);
    git(at(name), "add", ".");
    git(at(name), "commit", "-qm", "first");
  }
  git(at("origin"), "submodule", "--quiet", "add", at("sub"), "vendor/sub");
  git(at("origin"), "commit", "-qm", "second");
  git(folder, "clone", "-q", "--recurse-submodules", at("origin"), "one");
  git(folder, "clone", "-q", "--depth=1", "--recurse-submodules", `file://${at("origin")}`, "two");
  git(at("one"), "gc", "-q");
  git(at("one"), "worktree", "add", "-q", "--detach", at("three"));
  git(at("three"), "submodule", "--quiet", "update", "--init");
  const hashes: string[] = [];
  for (const name of ["one", "two", "three"]) {
    const { files, sourceHash, warnings } = await read(at(name), [copy(".")]);
    expect(files.map(({ path }) => path)).toEqual([".gitmodules", "a", "vendor/sub/a"]);
    expect(warnings).toEqual([historyNote('".git", "vendor/sub/.git"', '"**/.git"')]);
    hashes.push(sourceHash);
  }
  expect(new Set(hashes).size).toBe(1);
});

test("the lines of the warning end it", async () => {
  const tree = { ".git/HEAD": "", "d/e/.git": "gitdir: x", a: "" };
  expect((await found(tree, copy(".")))[1]).toEqual([historyNote('".git", "d/e/.git"', '"**/.git"')]);
  expect(await found({ ...tree, ".dockerignore": "**/.git\n" }, copy("."))).toEqual([["a"], []]);
  expect((await found({ ".hg/x": "", a: "" }, copy(".")))[1]).toEqual([historyNote('".hg"', '".hg"')]);
  expect((await found({ ".hg/x": "", "d/.git/x": "", "d/a": "" }, copy(".")))[1]).toEqual([
    historyNote('".hg", "d/.git"', '"**/.git", ".hg"'),
  ]);
});

test("an instruction that names the history sends it, and is told what that means", async () => {
  const tree = { ".git/HEAD": "h", ".git/modules/s/x": "", ".gitignore": "", a: "" };
  const told = (written: string): string =>
    `Dockerfile, line 2, COPY: "${written}" differs between clones of the same commit, and changes whenever git runs, so plans on other machines will rebuild the snapshot. ` +
    "Pass what the build needs in buildArgs instead, such as the output of git describe.";
  expect(await found(tree, copy(".git", "a"))).toEqual([[".git/HEAD", ".git/modules/s/x", "a"], [told(".git")]]);
  expect(await found(tree, copy("./.git/HEAD"))).toEqual([[".git/HEAD"], [told("./.git/HEAD")]]);
  // It may be meant for .gitignore.
  expect(await found(tree, copy(".git*"))).toEqual([[".gitignore"], [historyNote('".git"', '".git"')]]);
});
