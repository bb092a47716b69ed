import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { ModuleKind, transpileModule } from "typescript";
import { parse } from "yaml";
import { parseConfig } from "../../../provider/fleet/ignore";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { inPlaceResources } from "../../../provider/resources";
import { validateRegistry } from "../../../provider/resources/registry/validate";
import { version } from "../../../provider/version.gen";
import { Shell } from "../support/shell";

jest.setTimeout(240_000);

const root = join(__dirname, "../../..");
const guide = (name: string): string => readFileSync(join(root, "docs/guides", name), "utf8");
const blocks = (name: string, language: string): string[] =>
  [...guide(name).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map((found) => found[1]!);

let api: LocalApi;
let machine: Shell;
let dir: string;
beforeAll(async () => {
  api = await startLocalApi({ pullSeconds: 0.1, buildSeconds: 0.1, cronSeconds: 0.05, activationCooldownSeconds: 0 });
  machine = new Shell();
});
beforeEach(() => {
  dir = machine.folder();
  mkdirSync(join(dir, "infra"));
});
afterEach(() => api.control.reset());
afterAll(async () => {
  await api.close();
  machine.remove();
});

const run = (text: string): Promise<number> =>
  machine.run(text, dir, { DAYTONA_API_URL: api.apiUrl, DAYTONA_RESOLVE_TAGS: "false", DAYTONA_API_KEY: api.apiKey });
async function good(text: string): Promise<string> {
  const code = await run(text);
  if (code !== 0) throw new Error(`${text}\nended with ${code}:\n${machine.told}`);
  return machine.told;
}
const program = (body: string): void =>
  writeFileSync(
    join(dir, "infra/main.tf"),
    `terraform {\n  required_providers {\n    daytona = { source = "daytona-iac/daytona" }\n  }\n}\n${body}`,
  );

test("every guide is tested here", () =>
  expect(readdirSync(join(root, "docs/guides")).sort()).toEqual([
    "all-pages.md",
    "compatibility.md",
    "drift.md",
    "from-536tech.md",
    "from-scripts.md",
    "from-snapshot-to-sandbox.md",
    "keys.md",
    "private-images.md",
    "team.md",
    // With a real `terraform test`: test/faces/terraform/mocks.test.ts.
    "terraform-test.md",
    "troubleshooting.md",
    "zero-downtime.md",
  ]));

/** Writes the files that a guide names, as they stand. */
function writeFiles(name: string): void {
  for (const [, file, text] of guide(name).matchAll(/^`([^`\n]+)`:\n\n```\w+\n(.*?)^```/gms)) {
    mkdirSync(dirname(join(dir, file!)), { recursive: true });
    writeFileSync(join(dir, file!), text!);
  }
}

test("pages without a project have no blocks that nobody runs", () => {
  for (const name of ["all-pages.md", "compatibility.md", "troubleshooting.md"])
    expect(guide(name)).not.toContain("```");
});

test("all pages are on the page of all pages", () => {
  const index = guide("all-pages.md");
  const guides = readdirSync(join(root, "docs/guides")).filter((name) => name !== "all-pages.md");
  expect(guides.filter((name) => !index.includes(`](${name})`))).toEqual([]);
});

test("Keys, organizations and environments", async () => {
  const [look, ...others] = blocks("keys.md", "sh");
  expect(others).toEqual([]);
  writeFiles("keys.md");
  expect(await good(look!.replace("dtn_…", api.apiKey))).toContain("write:snapshots");
  const key = `export TF_VAR_staging_key=${api.apiKey}\n`;
  expect(await good(`${key}terraform -chdir=infra init && terraform -chdir=infra apply -auto-approve`)).toContain(
    "2 added, 0 changed, 0 destroyed",
  );
  expect(
    api.control
      .snapshots()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(["agent", "agent-default"]);
});

test("In a team and in CI", async () => {
  const [install, lock, ci, mirror, look, ...others] = blocks("team.md", "sh");
  expect(others).toEqual([]);
  const provider = machine.installed();
  const pack = ["linux-x64", "darwin-arm64"].map(
    (name) =>
      `mkdir -p package/bin && cp "${provider}" package/bin/daytona-iac-provider && tar -czf downloads/daytona-iac-${name}-${version}.tgz package`,
  );
  machine.script("npm", `mkdir downloads && ${pack.join(" && ")}`);
  const cli = `"${process.execPath}" "${join(root, "dist/cli/main.js")}"`;
  // This machine has the provider already.
  machine.script("npx", `shift; [ "$*" = install ] && exit 0; exec ${cli} "$@"`);
  program('resource "daytona_snapshot" "agent" {\n  name  = "agent"\n  image = "ubuntu:24.04"\n}\n');
  const printed = /terraform (providers lock) -fs-mirror=\S+ (.*)$/m.exec(await good(install!));
  expect(lock).toBe(`terraform -chdir=infra ${printed![1]} -fs-mirror="$PWD/mirror" ${printed![2]}\n`);
  await good(lock!);
  const locked = readFileSync(join(dir, "infra/.terraform.lock.hcl"), "utf8");
  await good(ci!);
  expect(readFileSync(join(dir, "infra/.terraform.lock.hcl"), "utf8")).toBe(locked);
  expect(await good(mirror!)).toContain("network_mirror {");
  expect(readdirSync(join(dir, "public/registry.terraform.io/daytona-iac/daytona")).sort()).toEqual([
    `${version}.json`,
    "index.json",
    `terraform-provider-daytona_${version}_darwin_arm64.zip`,
    `terraform-provider-daytona_${version}_linux_amd64.zip`,
  ]);
  expect(await good(look!)).toMatch(/ok +lock file .*is what is installed/);
});

test("Find drift in a pipeline", async () => {
  const [check, more, report, repair, ignore, state, plan, ...others] = blocks("drift.md", "sh");
  expect(others).toEqual([]);
  program(
    'variable "release" { default = "24.04" }\nresource "daytona_snapshot" "agent" {\n  name  = "nightly-agent"\n  image = "ubuntu:${var.release}"\n}\n',
  );
  await good("terraform -chdir=infra init && terraform -chdir=infra apply -auto-approve");
  expect(await good(check!)).toContain("No drift in 1 snapshot.");
  await good(more!);
  api.control.update("nightly-agent", { state: "inactive", updatedAt: Date.now() - 11 * 60_000 });
  expect(await run(report!)).toBe(2);
  expect(
    readdirSync(dir)
      .filter((name) => name.startsWith("drift."))
      .sort(),
  ).toEqual(["drift.html", "drift.json", "drift.md", "drift.sarif", "drift.xml"]);
  expect(await good(ignore!)).toContain("No drift in 1 snapshot.");
  await good(repair!);
  expect(api.control.snapshot("nightly-agent")?.state).toBe("active");
  api.control.insert({ name: "stray" });
  expect(await good(state!)).toContain("1 snapshot is unmanaged (not in any of the given states):\n  stray ");
  await good(plan!);
  expect(parseConfig(parse(blocks("drift.md", "yaml")[0]!), "f")).toEqual([
    { name: "nightly-*", attribute: "active", reason: "deactivated between releases", until: "2027-01-31" },
  ]);
});

test("Change a snapshot without downtime", async () => {
  const [apply, output, prune, ...others] = blocks("zero-downtime.md", "sh");
  expect(others).toEqual([]);
  writeFiles("zero-downtime.md");
  await good(apply!);
  const changes = api.control
    .requests()
    .map(({ kind }) => kind)
    .filter((kind) => kind === "create" || kind === "delete");
  expect(changes).toEqual(["create", "create", "delete"]);
  expect(await good(output!)).toBe(api.control.snapshots()[0]!.name);
  expect(await good(prune!)).toContain("Nothing to prune");
});

test("From scripts to code", async () => {
  const [before, after, hole, replace, tag, digest, code, imported, drift, ...others] = blocks("from-scripts.md", "sh");
  expect(others).toEqual([]);
  // The official command line's flags are ours.
  machine.script("daytona", 'exec daytona-iac "$@"');
  const create = (text: string): string => text.replaceAll("daytona-iac snapshot", "daytona snapshot");
  expect(create(after!)).toBe(before);
  await good(after!);
  const old = api.control.snapshot("agent")!;
  await good(replace!);
  expect(api.control.snapshot("agent")).toMatchObject({ imageName: "ubuntu:22.04", cpu: old.cpu, mem: old.mem });
  await good(hole!);
  expect(api.control.snapshot("agent")).toMatchObject({ imageName: "ubuntu:22.04", cpu: 1 });
  // A registry that has no such tag, or cannot be asked: nothing is created.
  expect(await run(digest!)).toBe(1);
  expect(machine.told).toContain("ghcr.io/team/app:1");
  expect(api.control.snapshots().map(({ name }) => name)).toEqual(["agent"]);
  await good(tag!);
  api.control.insert({ name: "built", dockerfileContent: "FROM alpine:3.20\nRUN true\n" });
  writeFileSync(join(dir, "infra/main.tf"), blocks("from-scripts.md", "hcl")[0]!);
  await good(code!);
  api.control.clearRequests();
  expect(await good(imported!)).toContain("Plan: 3 to import, 0 to add, 0 to change, 0 to destroy.");
  expect(await good(drift!)).toContain("No drift in 3 snapshots.");
  expect(api.control.requests().filter(({ method }) => method !== "GET")).toEqual([]);
});

test("From 536tech/daytona to this provider", async () => {
  const [move, apply, ...others] = blocks("from-536tech.md", "sh");
  expect(others).toEqual([]);
  const state = JSON.parse(readFileSync(join(root, "test/faces/terraform/fleet/states/536tech-0.10.json"), "utf8")) as {
    resources: { name: string; instances: { attributes: Record<string, unknown> }[] }[];
  };
  const ids: Record<string, string> = {
    image: api.control.insert({ name: "image", cpu: 2, entrypoint: null as never }),
    built: api.control.insert({ name: "built", dockerfileContent: "FROM alpine:3.20\nRUN echo ${HOME}\n" }),
  };
  for (const { name, instances } of state.resources)
    Object.assign(instances[0]!.attributes, { id: ids[name], organization_id: api.organizationId });
  writeFileSync(join(dir, "infra/terraform.tfstate"), JSON.stringify(state));
  program(
    'resource "daytona_snapshot" "image" {\n  name  = "image"\n  image = "ubuntu:24.04"\n  cpu   = 2\n}\nresource "daytona_snapshot" "built" {\n  name               = "built"\n  dockerfile_content = "FROM alpine:3.20\\nRUN echo $${HOME}\\n"\n}\n',
  );
  await good(move!);
  expect(await good(apply!)).toContain("No changes.");
});

describe("From a snapshot to a running sandbox", () => {
  const GUIDE = "from-snapshot-to-sandbox.md";
  /** A server in place of the local API, which has no sandboxes: what it was asked for when `text` ran. */
  async function askedBy(text: string): Promise<string[]> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request
        .on("data", (chunk: Buffer) => (body += chunk.toString()))
        .on("end", () => {
          asked.push(
            `${request.method} ${request.url} ${(JSON.parse(body || "{}") as { snapshot?: string }).snapshot}`,
          );
          response.writeHead(404, { "content-type": "application/json" }).end('{"message":"no sandboxes here"}');
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
    expect(await machine.run(text, dir, { DAYTONA_API_URL: url, DAYTONA_API_KEY: "key" })).not.toBe(0);
    await new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)));
    return asked;
  }

  test("Terraform gives the name, and the SDK for TypeScript asks for a sandbox of it", async () => {
    const [apply, ...others] = blocks(GUIDE, "sh");
    expect(others).toEqual([]);
    program(blocks(GUIDE, "hcl")[0]!);
    await good("terraform -chdir=infra init");
    await good(`${apply!}printf %s "$SNAPSHOT" > name`);
    const name = readFileSync(join(dir, "name"), "utf8");
    expect(api.control.snapshot(name)).toMatchObject({ state: "active", imageName: "python:3.12-slim" });
    const { outputText } = transpileModule(blocks(GUIDE, "ts")[0]!, { compilerOptions: { module: ModuleKind.ESNext } });
    const sdk = JSON.stringify(require.resolve("@daytona/sdk"));
    writeFileSync(join(dir, "sandbox.mjs"), outputText.replace('"@daytona/sdk"', sdk));
    expect(await askedBy(`SNAPSHOT=${name} node sandbox.mjs`)).toContain(`POST /api/sandbox ${name}`);
  });

  const python = process.env["DAYTONA_IAC_PYTHON_SDK"];
  (python === undefined ? test.skip : test)(
    `the SDK for Python asks for the same${python === undefined ? " (skipped: DAYTONA_IAC_PYTHON_SDK is not set)" : ""}`,
    async () => {
      writeFileSync(join(dir, "sandbox.py"), blocks(GUIDE, "python")[0]!);
      expect(await askedBy(`SNAPSHOT=agent-1 ${python} sandbox.py`)).toContain("POST /api/sandbox agent-1");
    },
  );
});

describe("Private images", () => {
  test("Terraform creates the registry first, and rotates its password without touching the snapshot", async () => {
    const [apply, rotate, commandLine, ...others] = blocks("private-images.md", "sh");
    expect(others).toEqual([]);
    writeFiles("private-images.md");
    await good(apply!);
    expect(api.control.registries()).toMatchObject([
      { name: "images", url: "ghcr.io", username: "acme-robot", password: "ghp_…" },
    ]);
    const snapshot = api.control.snapshot("agent");
    expect(await good(rotate!)).toContain("0 added, 1 changed, 0 destroyed");
    expect(api.control.registries()).toMatchObject([{ password: "ghp_…new" }]);
    expect(api.control.snapshot("agent")).toEqual(snapshot);
    const changes = api.control
      .requests()
      .filter(({ method }) => method !== "GET")
      .map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}$/, "ID")}`);
    expect(changes).toEqual(["POST /api/docker-registry", "POST /api/snapshots", "PATCH /api/docker-registry/ID"]);
    expect(readFileSync(join(dir, "infra/terraform.tfstate"), "utf8")).not.toContain("ghp_");
    expect(commandLine).toBe(
      'printf %s "$TF_VAR_pull_token" | daytona-iac registry create images --url ghcr.io --username acme-robot --password-stdin\n',
    );
  });

  test("the program for Pulumi sets what the resource has", () => {
    const { resources } = parse(blocks("private-images.md", "yaml")[0]!) as {
      resources: Record<string, { type: string; properties: Record<string, string>; options?: unknown }>;
    };
    expect(resources["images"]?.type).toBe("daytona:Registry");
    expect(resources["agent"]).toMatchObject({ type: "daytona:Snapshot", options: { dependsOn: ["${images}"] } });
    const names = inPlaceResources[0]!.table.inputs.filter(({ only }) => only === undefined).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(resources["images"]!.properties)));
    expect(validateRegistry(resources["images"]!.properties, "pulumi")).toEqual([]);
  });

  test("every wrong address in its table is refused with the right one beside it", () => {
    const rows = [...guide("private-images.md").matchAll(/^\| (`.*?) \| `(.*?)` \|/gm)].map(
      ([, wrong, right]) => [[...wrong!.matchAll(/`(.*?)`/g)].map(([, address]) => address!), right!] as const,
    );
    expect(rows.flatMap(([wrong]) => wrong)).toHaveLength(11);
    for (const [wrong, right] of rows) {
      for (const url of wrong) {
        const [problem] = validateRegistry({ name: "a", url, username: "a", password: "a" }, "terraform");
        expect([url, problem?.detail]).toEqual([
          url,
          expect.stringMatching(new RegExp(`^The address of .* is \\\`${right.replaceAll(".", "\\.")}\\\`\\.$`)),
        ]);
      }
    }
  });
});
