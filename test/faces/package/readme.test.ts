import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeWithPulumi } from "../pulumi/setup";
import { testSince } from "../terraform/versions";
import { blocksOf, read } from "./page";
import { Machine, Reader } from "./reader";

// README as a stranger follows it: every block as it stands, from top to bottom, in one empty folder with an empty HOME, in the shell that it opens.
jest.setTimeout(400_000);

const blocks = blocksOf(read("README.md"));
const CHECKOUT = "Try it";
const PULUMI = "Pulumi";

const machine = new Machine();
let reader: Reader;
beforeAll(async () => {
  await machine.start();
  reader = new Reader(machine);
});
afterAll(async () => {
  await reader.leave();
  machine.stop();
});

const follow = (section: string): Promise<string[]> =>
  reader.follow(blocks.filter((block) => block.section === section));

/** The names of all snapshots. */
const names = async (): Promise<string[]> =>
  ((await reader.control("snapshots")) as { name: string }[]).map(({ name }) => name).sort();

test("what no test can run is marked, and is these blocks", () => {
  const marked = blocks.flatMap((block) => (block.kind === "needs" ? [`${block.section}: ${block.needs}`] : []));
  expect(marked).toEqual([
    expect.stringMatching(/^Try it: Needs a checkout/),
    "Import and prune: Needs Terraform 1.14 or later",
  ]);
});

test("a checkout has the two commands of the page", () => {
  const [block, ...others] = blocks.filter(({ section }) => section === CHECKOUT);
  expect(others).toEqual([]);
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const commands = [...block!.text.matchAll(/npm (?:run )?(\w+)/g)].map(([, name]) => name!);
  expect(commands).toEqual(["ci", "quickstart", "test"]);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["quickstart", "test"]));
});

describe("in the order of the page", () => {
  test("Install", async () => {
    expect((await follow("Install")).join("")).toContain("Provider daytona-iac/daytona ");
  });

  test("Without an account: a shell with a local API, whose key is used from here on", async () => {
    await follow("Without an account");
    expect(existsSync(join(reader.folder, "snapshots.json"))).toBe(true);
    const key = reader.variable("DAYTONA_API_KEY");
    expect(key).not.toBe("");
    await follow("With an account");
    expect(reader.variable("DAYTONA_API_KEY")).toBe(key);
  });

  test("Terraform: applies an image and a Dockerfile, converges, destroys", async () => {
    const [image, build, destroy] = await follow("Terraform");
    expect(image).toContain("1 added, 0 changed, 0 destroyed");
    expect(image).toContain("No changes.");
    expect(build).toContain("1 added, 0 changed, 0 destroyed");
    expect(destroy).toContain("2 destroyed");
    expect(await names()).toEqual([]);
  });

  test("Command line", async () => {
    const [told] = await follow("Command line");
    expect(told).toMatch(/^tool +active /m);
    expect(await names()).toEqual([]);
  });

  test("As a library", async () => {
    await reader.control("clearRequests");
    await follow("As a library");
    const requests = (await reader.control("requests")) as { method: string }[];
    const changes = requests.filter(({ method }) => method !== "GET");
    expect(changes.map(({ method }) => method)).toEqual(["POST", "DELETE"]);
    expect(await names()).toEqual([]);
  });

  test("CDKTF and cdktn", async () => {
    const told = (await follow("CDKTF and cdktn")).join("");
    expect(told).toContain("1 added, 0 changed, 0 destroyed");
    expect(told).toContain("1 destroyed");
    expect(await names()).toEqual([]);
  });

  describeWithPulumi("with Pulumi", ["nodejs"], () => {
    test("Pulumi", async () => {
      const told = (await follow(PULUMI)).join("");
      expect(told).toMatch(/\+ 2 created/);
      expect(told).toMatch(/- 2 deleted/);
      expect(await names()).toEqual([]);
    });
  });

  test("Drift", async () => {
    const [told] = await follow("Drift");
    expect(told).toMatch(/exit status 3\n/);
    expect(existsSync(join(reader.folder, "drift.html"))).toBe(true);
  });

  test("Import and prune", async () => {
    const [imported, prune] = await follow("Import and prune");
    expect(imported).toContain("Plan: 1 to import, 2 to add, 0 to change, 0 to destroy.");
    expect(prune).toContain("Nothing to prune: ");
    expect(await names()).toEqual(["by-hand"]);
  });

  testSince({ terraform: 14, tofu: null })("Import and prune, with Terraform 1.14 and later", async () => {
    const block = blocks.find(({ kind, section }) => kind === "needs" && section === "Import and prune")!;
    const told = await reader.run(block.text);
    expect(told).toContain("Plan: 1 to import, 2 to add, 0 to change, 0 to destroy.");
    expect(await names()).toEqual(["by-hand"]);
  });

  test("there is no section whose commands are not run here", () => {
    const run = ["Install", "Without an account", "With an account", "Terraform", "Command line", "As a library"];
    expect([...new Set(blocks.map(({ section }) => section))]).toEqual([
      CHECKOUT,
      ...run,
      "CDKTF and cdktn",
      PULUMI,
      "Drift",
      "Import and prune",
    ]);
  });
});
