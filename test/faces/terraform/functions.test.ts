import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { buildExecutable } from "../support/executable";
import { agent, ok, setup } from "./setup";
import { testSince } from "./versions";

jest.setTimeout(120_000);
const { api, project } = setup();
const it18 = testSince({ terraform: 8, tofu: 7 });
let provider: ReturnType<typeof buildExecutable>;
beforeAll(() => {
  provider = buildExecutable();
});
afterAll(() => provider.remove());

const outputs = (expressions: Record<string, string>): string =>
  Object.entries(expressions)
    .map(([name, expression]) => `output "${name}" {\n  value = ${expression}\n}\n`)
    .join("");

const DIGEST = `sha256:${"ab".repeat(32)}`;

it18("names of images are taken apart, and names of snapshots are made, without an account", async () => {
  const program = project(
    outputs({
      hub: 'provider::daytona::parse_image("ubuntu:24.04")',
      pinned: `provider::daytona::parse_image("localhost:5000/acme/agent@${DIGEST}")`,
      made: 'provider::daytona::valid_name("Café: feature/login & more")',
    }),
    { env: { DAYTONA_API_KEY: "", DAYTONA_API_URL: "" } },
  );
  ok(await program.run(["apply", "-auto-approve", "-json"]));
  const state = JSON.parse(program.read("terraform.tfstate")) as { outputs: Record<string, { value: unknown }> };
  expect(Object.fromEntries(Object.entries(state.outputs).map(([name, { value }]) => [name, value]))).toEqual({
    hub: { registry: "docker.io", repository: "library/ubuntu", tag: "24.04", digest: null },
    pinned: { registry: "localhost:5000", repository: "acme/agent", tag: null, digest: DIGEST },
    made: "Cafe:-feature/login-more",
  });
  expect(api().control.requests()).toEqual([]);
});

it18.each([
  ['parse_image("Ubuntu:24.04")', /"library\/Ubuntu" is not a repository/],
  ['valid_name("…")', /No name can be derived from/],
  ['source_hash("Dockerfile")', /An object is needed/],
  ["source_hash({})", /Missing source\. Set exactly one of image, dockerfile/],
  ['source_hash({ name = "agent" })', /"name" does not describe the source of a snapshot/],
  ['source_hash({ dockerfile_content = "FROM a", context = "x" })', /"context" is not a list of strings/],
  ['source_hash({ dockerfile = "nowhere/Dockerfile" })', /does not exist/],
])("an error of %s names the argument", async (call, message) => {
  const failed = await project(outputs({ x: `provider::daytona::${call}` })).plan();
  expect(failed.code).toBe(1);
  const [error] = failed.errors;
  // Terraform wraps the text.
  expect(error?.detail.replace(/\s+/g, " ")).toMatch(message);
  expect(`${error?.summary} ${error?.detail}`).toMatch(/Invalid value for "(image|source|text)" parameter/);
});

it18("the hash of a source is the one of the resource, of files as of a text and of an image", async () => {
  const program = project(undefined, { executable: provider.dir });
  mkdirSync(join(program.dir, "agent"));
  program.write("agent/Dockerfile", "FROM ubuntu:24.04\nARG VERSION\nRUN echo $VERSION\nCOPY main.py /app/\n");
  program.write("agent/main.py", "print(1)\n");
  const sources = {
    agent: 'dockerfile = "agent/Dockerfile"\n  build_args = { VERSION = 7 }',
    text: 'dockerfile_content = "FROM ubuntu:24.04\\n"',
    image: 'image = "ubuntu:24.04"',
  };
  program.program(
    Object.entries(sources)
      .map(
        ([name, source]) =>
          `resource "daytona_snapshot" "${name}" {\n  name = "${name}"\n  ${source}\n}\n` +
          `output "${name}" {\n  value = [daytona_snapshot.${name}.source_hash, provider::daytona::source_hash({\n  ${source}\n  })]\n}\n`,
      )
      .join(""),
  );
  ok(await program.apply());
  const state = JSON.parse(program.read("terraform.tfstate")) as { outputs: Record<string, { value: string[] }> };
  const hashes = Object.values(state.outputs).map(({ value }) => value);
  expect(hashes).toHaveLength(3);
  for (const [resource, computed] of hashes) expect(computed).toBe(resource);
  expect(hashes.map(([hash]) => hash?.slice(0, 3)).sort()).toEqual(["v1:", "v1:", "v2:"]);
  program.write("agent/main.py", "print(2)\n");
  const plan = await program.plan();
  expect(plan.changes).toEqual(["update daytona_snapshot.agent"]);
  ok(await program.apply());
  const after = JSON.parse(program.read("terraform.tfstate")) as typeof state;
  expect(after.outputs["agent"]?.value[0]).not.toBe(state.outputs["agent"]?.value[0]);
  expect(after.outputs["agent"]?.value[1]).toBe(after.outputs["agent"]?.value[0]);
});

it18("a hash that is not known yet waits, and names a snapshot", async () => {
  const program = project(
    `resource "terraform_data" "text" {\n  input = "FROM ubuntu:24.04\\n"\n}\n` +
      `locals {\n  hash = provider::daytona::source_hash({ dockerfile_content = terraform_data.text.output })\n}\n` +
      agent("", "dockerfile_content = terraform_data.text.output").replace(
        'name = "agent"',
        'name = "agent-${substr(local.hash, 3, 8)}"',
      ),
  );
  ok(await program.apply());
  expect(String(program.state()["daytona_snapshot.agent"]?.values["name"])).toMatch(/^agent-[0-9a-f]{8}$/);
  expect((await program.plan()).code).toBe(0);
});
