import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { candidates } from "../../../../provider/cli/completion";
import { commands } from "../../../../provider/cli/commands";
import { main } from "../../../../provider/cli/main";
import { putImage, putIndex } from "../../lifecycle/resolve/images";
import { withTools } from "../../lifecycle/publish/image/docker";
import { type Registry, startRegistry } from "../../lifecycle/publish/image/real";
import type { Ran } from "../snapshot/run";

jest.setTimeout(60_000);

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), "home-"))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

async function run(...args: string[]): Promise<Ran> {
  let [out, err] = ["", ""];
  const code = await main(["image", ...args], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env: { HOME: home },
  });
  return { code, out, err };
}

const DIGEST = `sha256:${"a".repeat(64)}`;

test("names with a digest need no registry, and keep the name as it is written", async () => {
  const { code, out, err } = await run("resolve", `ubuntu:24.04@${DIGEST}`, `Registry.Test:5000/team/app@${DIGEST}`);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toBe(`ubuntu@${DIGEST}\nRegistry.Test:5000/team/app@${DIGEST}\n`);
});

test("a text that is no name is an error before anything is asked", async () => {
  expect(await run("resolve", "127.0.0.1:1/app:1", "a b", "team/App")).toEqual({
    code: 1,
    out: "",
    err: `Error: resolving "a b", "team/App": not the name of an image
  "a b" is not the name of an image.
  "team/App" is not the name of an image.
  Write it as Docker does: "ubuntu:24.04", "ghcr.io/team/app:1". Names are in lower case.
`,
  });
});

test("a registry that is not there is an error that names image and registry", async () => {
  expect(await run("resolve", "127.0.0.1:1/app:1", `ubuntu@${DIGEST}`)).toEqual({
    code: 1,
    out: "",
    err: `Error: resolving "127.0.0.1:1/app:1": no digest
  127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1.
  The content of the registry is unknown. Try again when the registry can be reached.
`,
  });
});

test.each([
  [["resolve"], "Error: missing required argument 'reference'"],
  [["resolve", ""], "a name is empty"],
  [["resolve", "a", "--timeout", "soon"], "--timeout soon is not a duration"],
  [["resolve", "a", "--format", "xml"], "Allowed choices are lines, json, yaml."],
  [["resolved", "a"], "Error: unknown command 'resolved'"],
])("%j is wrong usage", async (args, text) => {
  const { code, out, err } = await run(...args);
  expect([code, out]).toEqual([64, ""]);
  expect(err).toContain(text);
});

test("is completed", async () => {
  const io = { out: () => undefined, err: () => undefined, env: { HOME: home } };
  expect(await candidates(["ima"], io, commands)).toEqual(["image"]);
  expect(await candidates(["image", ""], io, commands)).toEqual(["resolve"]);
  expect(await candidates(["image", "resolve", "a", "--format", ""], io, commands)).toEqual(["lines", "json", "yaml"]);
});

withTools(["docker-registry", "skopeo"], "of a real registry", () => {
  let registry: Registry;
  let [one, many]: { name: string; digest: string }[] = [];
  beforeAll(async () => {
    registry = await startRegistry();
    [one, many] = [`${registry.host}/team/app:1`, `${registry.host}/team/many`].map((name) => ({ name, digest: "" }));
    one!.digest = putImage(one!.name, "one");
    many!.digest = putIndex(`${many!.name}:latest`, "many");
  });
  afterAll(() => registry.stop());

  test("a line for each, in their order", async () => {
    expect(await run("resolve", many!.name, one!.name)).toEqual({
      code: 0,
      out: `${many!.name}@${many!.digest}\n${registry.host}/team/app@${one!.digest}\n`,
      err: "",
    });
  });

  test("as JSON, with the platforms of an index", async () => {
    const { code, out } = await run("resolve", one!.name, many!.name, "--format", "json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([
      { reference: one!.name, repository: `${registry.host}/team/app`, digest: one!.digest, platforms: null },
      {
        reference: many!.name,
        repository: `${registry.host}/team/many`,
        digest: many!.digest,
        platforms: ["linux/amd64", "linux/arm64/v8"],
      },
    ]);
  });

  test("one that is missing: its name, and nothing on standard output", async () => {
    const missing = `${registry.host}/team/none:1`;
    expect(await run("resolve", one!.name, missing)).toEqual({
      code: 1,
      out: "",
      err: `Error: resolving "${missing}": no digest\n  ${registry.host} has no image "${missing}".\n  Check the spelling of the name and of the tag.\n`,
    });
    const { code, out, err } = await run("resolve", missing, "--format", "json");
    expect([code, out]).toEqual([1, ""]);
    expect(JSON.parse(err)).toMatchObject({ error: { summary: `resolving "${missing}": no digest` } });
  });

  test("--verbose tells what is asked for", async () => {
    expect((await run("resolve", one!.name, "--verbose")).err).toContain(`asking ${registry.host} for team/app:1`);
  });
});
