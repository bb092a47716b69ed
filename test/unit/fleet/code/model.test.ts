import { namesOf, pythonName, typescriptName } from "../../../../provider/fleet/code/identifiers";
import { programFor } from "../../../../provider/fleet/code/model";
import type { SnapshotDto } from "../../../../provider/lifecycle";

const dto = (name: string, more: Partial<SnapshotDto> = {}): SnapshotDto => ({
  id: `id-${name}`,
  name,
  state: "active",
  cpu: 4,
  gpu: 0,
  mem: 8,
  disk: 16,
  createdAt: "",
  imageName: "ubuntu:24.04",
  regionIds: ["us"],
  sandboxClass: "container",
  ...more,
});
const program = (...found: SnapshotDto[]): ReturnType<typeof programFor> => programFor(found, (name) => `<${name}>`);
const only = (more: Partial<SnapshotDto>): { arguments: readonly unknown[]; comments: readonly string[] } => {
  const [one] = program(dto("a", more)).snapshots;
  return { arguments: one!.arguments.slice(1), comments: one!.comments };
};
const sizes = [
  { name: "cpu", value: 4 },
  { name: "memory", value: 8 },
  { name: "disk", value: 16 },
];
const image = { name: "image", value: "ubuntu:24.04" };
const region = { name: "region", value: "us" };

test("an image: what the API says of it, and nothing that is the default", () => {
  expect(program(dto("a"))).toEqual({
    leftOut: [],
    snapshots: [
      {
        words: ["a"],
        name: "a",
        id: "id-a",
        comments: [],
        arguments: [{ name: "name", value: "a" }, image, ...sizes, region],
      },
    ],
  });
});

test("an image with a digest is the image again; an entrypoint that nobody asked for is left out", () => {
  const pinned = `ghcr.io/acme/agent:1@sha256:${"3".repeat(64)}`;
  const built = (text: string, entrypoint: string[]): Partial<SnapshotDto> => ({
    imageName: "",
    buildInfo: { dockerfileContent: text, contextHashes: null },
    entrypoint,
  });
  const image = { name: "image", value: pinned };
  const rest = [...sizes, region];
  expect(only(built(`FROM ${pinned}\n# daytona-iac image\n`, ["sleep", "infinity"])).arguments).toEqual([
    image,
    ...rest,
  ]);
  expect(only(built(`FROM ${pinned}\nENTRYPOINT ["sh"]\n# daytona-iac image\n`, ["sh"])).arguments).toEqual([
    image,
    { name: "entrypoint", value: ["sh"] },
    ...rest,
  ]);
  const text = `FROM ${pinned}\n`;
  expect(only(built(text, ["sleep", "infinity"])).arguments).toEqual([
    { name: "dockerfileContent", value: text },
    ...rest,
  ]);
});

test("taken from a sandbox, as newer servers tell it: nothing but the sandbox is written", () => {
  expect(only({ imageName: "", entrypoint: null, sandboxClass: "linux-vm", sourceSandboxId: "s-1" })).toEqual({
    arguments: [{ name: "sourceSandbox", value: "s-1" }],
    comments: [
      "Created from a sandbox as it was then; it cannot be recreated. A change of",
      "<triggers> creates a snapshot of the sandbox as it is now, if it still exists.",
    ],
  });
});

test("an entrypoint, another sandbox class, an idle one", () => {
  expect(only({ entrypoint: ["sh", "-c"], sandboxClass: "linux-vm", state: "inactive" })).toEqual({
    arguments: [
      image,
      { name: "entrypoint", value: ["sh", "-c"] },
      ...sizes,
      { name: "sandboxClass", value: "linux-vm" },
      region,
      { name: "active", value: false },
    ],
    comments: ["It is inactive. To activate it, remove <active>."],
  });
  expect(only({ entrypoint: [] }).arguments).toEqual([image, ...sizes, region]);
});

test("a Dockerfile brings its own entrypoint; its files are said to be missing", () => {
  const built = {
    imageName: "",
    entrypoint: ["sleep"],
    buildInfo: { dockerfileContent: "FROM a\n", contextHashes: [] as string[] },
  };
  expect(only(built)).toEqual({
    arguments: [{ name: "dockerfileContent", value: "FROM a\n" }, ...sizes, region],
    comments: [],
  });
  expect(
    only({ ...built, buildInfo: { dockerfileContent: "FROM a\n", contextHashes: ["a".repeat(64)] } }).comments,
  ).toEqual([
    "Built with files, which the API does not return. To rebuild it, set",
    "<contextDir> to the folder that contains them. Then their hashes are compared.",
  ]);
});

test("GPUs: none, some, and of which type", () => {
  expect(only({ gpu: 1 })).toEqual({ arguments: [image, ...sizes, { name: "gpu", value: 1 }, region], comments: [] });
  expect(only({ gpu: 1, gpuType: "H100" }).comments).toEqual([
    "It has the GPU H100. To ask for this type again, set <gpuTypes>.",
  ]);
  expect(only({ gpu: 0, gpuType: "H100" })).toEqual({ arguments: [image, ...sizes, region], comments: [] });
});

test.each<[string, Partial<SnapshotDto>, string]>([
  [
    "of another organization",
    { general: true },
    "it belongs to another organization, and only its owner can manage it",
  ],
  [
    "failed",
    { state: "build_failed" },
    "it has failed (build_failed), and would be replaced. Delete it, or declare it as a new snapshot",
  ],
  ["being deleted", { state: "removing" }, "it is being deleted"],
  ["on its way", { state: "pulling" }, "it is not active yet (pulling). Import it when it is"],
  [
    "a successor",
    { name: "a--next-01234567" },
    "it was created by a replacement in progress. Finish the replacement, or delete it",
  ],
  ["half a character", { name: "a\ud83d" }, "it has text that is not Unicode, which no configuration can contain"],
  [
    "half a character in its image",
    { imageName: "a\ud83d:1" },
    "it has text that is not Unicode, which no configuration can contain",
  ],
  [
    "half a character in its Dockerfile",
    { imageName: "", buildInfo: { dockerfileContent: "FROM \ud83d\n" } },
    "it has text that is not Unicode, which no configuration can contain",
  ],
  [
    "half a character in another text",
    { sandboxClass: "a\ud83d" },
    "it has text that is not Unicode, which no configuration can contain",
  ],
  [
    "half a character in its region",
    { regionIds: ["a\ud83d"] },
    "it has text that is not Unicode, which no configuration can contain",
  ],
  ["of an unknown source", { imageName: "" }, "the API does not report its source"],
])("left out: %s", (_what, more, why) => {
  const odd = dto("a", more);
  expect(program(odd, dto("b"))).toMatchObject({ leftOut: [{ name: odd.name, why }], snapshots: [{ name: "b" }] });
  expect(program(odd, dto("b")).snapshots).toHaveLength(1);
});

test("names become words in the order of names, which no language has twice", () => {
  const words = (...names: string[]): Record<string, string> =>
    Object.fromEntries(
      program(...names.map((name) => dto(name))).snapshots.map((one) => [one.name, one.words.join(" ")]),
    );
  expect(words("b", "a", "a-1", "a1", "A_1")).toEqual({ A_1: "a 1", a: "a", "a-1": "a 1 2", a1: "a1 3", b: "b" });
  expect(words("1a", "_x", "--", "snapshot-1a")).toEqual({
    "--": "snapshot",
    "1a": "snapshot 1a",
    _x: "x",
    "snapshot-1a": "snapshot 1a 2",
  });
  // Each becomes the other's identifier in some language.
  expect(words("default", "default-snapshot")).toEqual({
    default: "default",
    "default-snapshot": "default snapshot 2",
  });
  expect(words("lambda", "lambda-snapshot")).toEqual({ lambda: "lambda", "lambda-snapshot": "lambda snapshot 2" });
  expect(program(dto("b"), dto("a")).snapshots.map(({ name }) => name)).toEqual(["a", "b"]);
});

test("identifiers that a language has taken get another end", () => {
  expect(
    ["default", "arguments", "eval", "undefined", "require", "lambda"].map((word) => typescriptName([word])),
  ).toEqual(["defaultSnapshot", "argumentsSnapshot", "evalSnapshot", "undefinedSnapshot", "requireSnapshot", "lambda"]);
  expect([typescriptName(["global", "this"]), typescriptName(["a", "b"])]).toEqual(["globalThisSnapshot", "aB"]);
  expect(["lambda", "none", "pulumi", "default"].map((word) => pythonName([word]))).toEqual([
    "lambda_snapshot",
    "none_snapshot",
    "pulumi_snapshot",
    "default",
  ]);
  expect(namesOf(["lambda"])).toEqual(["lambda", "lambdasnapshot"]);
  expect(namesOf(["default"])).toEqual(["default", "defaultsnapshot"]);
});
