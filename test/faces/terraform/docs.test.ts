import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildExecutable } from "../support/executable";
import { ok, setup } from "./setup";

jest.setTimeout(120_000);
const { api, project } = setup();
const root = resolve(__dirname, "../../..");
let provider: ReturnType<typeof buildExecutable>;
beforeAll(() => {
  provider = buildExecutable();
});
afterAll(() => provider.remove());
const page = (path: string): string => readFileSync(join(root, path), "utf8");

/** The blocks of one language in a page, in their order. */
function blocks(path: string, language: string): string[] {
  return [...page(path).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(
    (found) => found[1] as string,
  );
}

const pages = [
  "README.md",
  "docs/index.md",
  ...["resources", "data-sources"].flatMap((kind) =>
    readdirSync(join(root, "docs", kind)).map((name) => `docs/${kind}/${name}`),
  ),
];
const programs = pages.flatMap((path) =>
  [...blocks(path, "terraform"), ...blocks(path, "hcl")].map((text, i): [string, string] => [
    `${path}, ${i + 1}`,
    text,
  ]),
);
// Local images need a registry: local-image.test.ts runs their example. An import of a registry is a test of its own: no program can be sure of the password.
// Queries and imports by identity are for newer versions: query-example.test.ts and import-identity.test.ts run them.
const newer = (text: string): boolean => /^list "/.test(text) || text.includes("identity = {");
const alone = programs.filter(
  ([, text]) => !text.includes("local_image") && !text.includes("to = daytona_registry") && !newer(text),
);
const variables = {
  TF_VAR_pull_token: "planted",
  TF_VAR_tokens: JSON.stringify({
    docker_hub: "a",
    github: "b",
    ecr: "c",
    azure: "d",
    google: '{"type": "service_account"}',
  }),
};

test("every page for Terraform has an example", () => {
  expect([...new Set(programs.map(([name]) => name.split(",")[0]))]).toEqual(pages);
});

test.each(alone)("the example of %s is applied, plans nothing then, and is destroyed", async (_name, text) => {
  const imports = text.includes("import {");
  const image = programs.find(([name]) => name === "docs/resources/snapshot.md, 1")?.[1] as string;
  // The provider has to run where Terraform does, to find the files.
  const files = text.includes("/agent/Dockerfile");
  const program = project(imports ? `${image}\n${text}` : text, {
    env: variables,
    ...(files ? { executable: provider.dir } : {}),
  });
  if (files) {
    mkdirSync(join(program.dir, "agent"));
    program.write("agent/Dockerfile", "FROM ubuntu:24.04\nARG VERSION\nCOPY main.py /app/\n");
    program.write("agent/main.py", "print(1)\n");
  }
  if (text.includes("required_providers")) program.write("versions.tf", "");
  if (imports || text.includes('data "daytona_snapshot"'))
    api().control.insert({ name: "agent", cpu: 2, mem: 4, disk: 10 });
  if (text.includes("source_sandbox")) api().control.sandbox({ name: "my-sandbox" });
  const seeded = api().control.snapshots().length;
  const { changes } = ok(await program.apply());
  if (imports) expect(changes.filter((change) => !change.startsWith("import "))).toEqual([]);
  expect((await program.plan()).code).toBe(0);
  ok(await program.destroy());
  expect(api().control.snapshots()).toHaveLength(imports ? 0 : seeded);
  expect(api().control.registries()).toEqual([]);
});

test("the example of a registry's import sends the program's password, and nothing else", async () => {
  const id = api().control.registry({ name: "images", url: "ghcr.io", username: "acme-robot", password: "theirs" });
  const [resource, , imported] = blocks("docs/resources/registry.md", "terraform") as [string, string, string];
  const program = project(`${resource}\n${imported}`, { env: variables });
  expect(ok(await program.apply()).changes.filter((change) => change.includes("registry"))).toEqual([
    "update daytona_registry.images",
  ]);
  expect(api().control.registries()).toMatchObject([
    { id, name: "images", url: "ghcr.io", username: "acme-robot", password: "planted" },
  ]);
  expect((await program.plan()).code).toBe(0);
});

test("the commands of the import section bring it into the state, by name and by id", async () => {
  const [image] = blocks("docs/resources/snapshot.md", "terraform") as [string];
  const id = api().control.insert({ name: "agent", cpu: 2, mem: 4, disk: 10 });
  const commands = [...blocks("docs/resources/snapshot.md", "shell"), page("README.md")].flatMap((text) => [
    ...text.matchAll(/terraform import (daytona_snapshot\.agent) ([\w-]+)/g),
  ]);
  expect(commands).toHaveLength(3);
  for (const [, address, named] of commands as unknown as [string, string, string][]) {
    const program = project(image);
    ok(await program.run(["import", address, /^[0-9a-f-]{36}$/.test(named) ? id : named]));
    expect(program.state()[address]?.values["id"]).toBe(id);
    expect((await program.plan()).code).toBe(0);
  }
});

test("no gap with generated names: the new one is there before the old one goes", async () => {
  const text = blocks("docs/resources/snapshot.md", "terraform").find((block) =>
    block.includes("create_before_destroy"),
  ) as string;
  const program = project(text);
  ok(await program.apply());
  api().control.clearRequests();
  ok(await program.program(text.replace("ubuntu:24.04", "debian:12")).apply());
  const kinds = api()
    .control.requests()
    .map(({ kind }) => kind)
    .filter((kind) => kind === "create" || kind === "delete");
  expect(kinds).toEqual(["create", "delete"]);
});

test("what is taken out of a program stays, until a replacement takes the defaults", async () => {
  const resource = (image: string, more: string): string =>
    `resource "daytona_snapshot" "agent" {\n name = "agent"\n image = "${image}"\n${more}}\n`;
  const program = project(resource("ubuntu:24.04", "cpu = 2\n"));
  ok(await program.apply());
  expect((await program.program(resource("ubuntu:24.04", "")).plan()).code).toBe(0);
  ok(await program.program(resource("debian:12", "")).apply());
  expect(api().control.snapshot("agent")).toMatchObject({ imageName: "debian:12", cpu: 2 });
  ok(await program.program(resource("ubuntu:24.04", 'replacement = "recreate"\n')).apply());
  expect(api().control.snapshot("agent")).toMatchObject({ imageName: "ubuntu:24.04", cpu: 1 });
});
