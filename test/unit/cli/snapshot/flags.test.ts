import { readFileSync } from "node:fs";
import { join } from "node:path";
import { snapshotCommand } from "../../../../provider/cli/snapshot/command";
import { writtenOf } from "../../../../provider/cli/snapshot/create";
import { inputsOf, SOURCE_INPUTS } from "../../../../provider/library/params";
import { flagOf } from "../../../../provider/kit/spell";
import { snapshotTable } from "../../../../provider/resources/snapshot";
import type { AnyInput } from "../../../../provider/resources/snapshot/attributes/rows";

const made = (snapshotTable.inputs as readonly AnyInput[]).filter(
  ({ change }) => change === "content" || change === "source",
);
const taken = (face: "cli" | "library") =>
  made.filter(({ notIn }) => notIn?.[face] === undefined).map(({ name }) => name);
const refused = (face: "cli" | "library") =>
  made.flatMap(({ name, notIn }) => (notIn?.[face] === undefined ? [] : [[name, notIn[face]]]));

/** What the flags of `snapshot create` write, from the definitions that the command has. */
function parse(...argv: string[]): ReturnType<typeof writtenOf> {
  const io = { out: () => undefined, err: () => undefined } as never;
  const create = snapshotCommand(io, () => undefined).commands.find((command) => command.name() === "create")!;
  const { unknown } = create.parseOptions(argv);
  expect(unknown).toEqual([]);
  return writtenOf("agent", create.opts(), {});
}

/** By the type of the attribute; of those that are written otherwise, by their name. */
const types: Record<string, [string, unknown]> = {
  string: ["one", "one"],
  integer: ["2", 2],
  boolean: ["true", true],
  "string-list": ["one", ["one"]],
  "string-map": ["A=1", { A: "1" }],
};
const examples: Record<string, [string, unknown]> = {
  context: ["a", [join(process.cwd(), "a")]],
  entrypoint: ["sh -c true", ["sh", "-c", "true"]],
  gpu: ["1", 1],
};

test.each(taken("cli"))("`snapshot create` takes %s", (name) => {
  const type = String(made.find((row) => row.name === name)!.type);
  const [text, value] = (examples[name] ?? types[type])!;
  const source = ["image", "dockerfile", "localImage", "sourceSandbox"].includes(name)
    ? []
    : ["context", "contextDir", "buildArgs", "target"].includes(name)
      ? ["--dockerfile", "Dockerfile"]
      : ["--image", "a:1"];
  // A switch has no value.
  expect(parse(...source, flagOf(name), ...(type === "boolean" ? [] : [text]))).toMatchObject({
    name: "agent",
    [name]: value,
  });
});

test("what `snapshot create` does not take says why", () => {
  expect(refused("cli")).toEqual([
    ["dockerfileContent", "`--dockerfile` names a file."],
    ["sourceHash", expect.stringMatching(/\.$/)],
    ["triggers", expect.stringMatching(/\.$/)],
  ]);
});

test("docs/cli.md has a flag for each", () => {
  const page = readFileSync(join(__dirname, "../../../../docs/cli.md"), "utf8");
  const isSwitch = (name: string) => made.find((row) => row.name === name)!.type === "boolean";
  for (const name of taken("cli")) expect(page).toContain(`${flagOf(name)}${isSwitch(name) ? "`" : " <"}`);
});

test("the library takes every other attribute, or the table says why not", () => {
  const all = {
    name: "agent",
    resources: { cpu: 2, memory: 3, disk: 4, gpu: 1, gpuType: "H100" },
    regionId: "us",
    pinDigest: true,
    sandboxClass: "linux-vm",
  };
  expect(inputsOf(all)).toEqual({
    cpu: 2,
    memory: 3,
    disk: 4,
    gpu: 1,
    gpuTypes: ["H100"],
    pinDigest: true,
    sandboxClass: "linux-vm",
    region: "us",
  });
  expect([...new Set(Object.values(inputsOf({ name: "agent" })))]).toEqual([null]);
  expect([...Object.keys(inputsOf(all)), ...SOURCE_INPUTS].sort()).toEqual(taken("library").sort());
  expect(refused("library").map(([name]) => name)).toEqual([
    "dockerfile",
    "buildArgs",
    "target",
    "sourceHash",
    "triggers",
  ]);
});
