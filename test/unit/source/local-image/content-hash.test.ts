import { createHash } from "node:crypto";
import fc from "fast-check";
import { contentHash, type ImageConfig } from "../../../../provider/source/local-image/content-hash";
import { checkPlatform } from "../../../../provider/source/local-image/image-error";

const base: ImageConfig = {
  os: "linux",
  architecture: "amd64",
  layers: ["sha256:a", "sha256:b"],
  config: { Cmd: ["sh", "-c"], Entrypoint: ["/init", "--"], Env: ["A=1", "B=2"], Labels: { x: "1", y: "2" } },
};
const hash = (some: Partial<ImageConfig> = {}): string => contentHash({ ...base, ...some });
const withConfig = (config: Record<string, unknown>): string => hash({ config: { ...base.config, ...config } });

test("is the same for ever: a change of the recipe would rebuild every snapshot of a local image", () => {
  const sha = (text: string): string => `v2:${createHash("sha256").update(text).digest("hex")}`;
  const fields =
    '[["Env",["A=1","B=2"]],["Entrypoint",["/init","--"]],["Cmd",["sh","-c"]],["Labels",[["x","1"],["y","2"]]]]';
  expect(hash()).toBe(sha(`["local-image","linux","amd64","",["sha256:a","sha256:b"],${fields}]`));
  expect(hash({ variant: "v3", layers: [], config: {} })).toBe(sha('["local-image","linux","amd64","v3",[],[]]'));
});

test.each<[string, Record<string, unknown>]>([
  ["the order of Cmd", { Cmd: ["-c", "sh"] }],
  ["the order of Entrypoint", { Entrypoint: ["--", "/init"] }],
  ["the order of Env, where the last of two wins", { Env: ["B=2", "A=1"] }],
  ["an argument more", { Cmd: ["sh", "-c", ""] }],
  ["arguments that are joined", { Cmd: ["sh -c"] }],
  ["Cmd in place of Entrypoint", { Cmd: ["/init", "--"], Entrypoint: ["sh", "-c"] }],
  ["User", { User: "1000" }],
  ["ExposedPorts", { ExposedPorts: { "80/tcp": {} } }],
  ["Volumes", { Volumes: { "/data": {} } }],
  ["WorkingDir", { WorkingDir: "/app" }],
  ["a label", { Labels: { x: "1", y: "3" } }],
  ["a label's name", { Labels: { x: "1", z: "2" } }],
  ["no labels", { Labels: null }],
  ["StopSignal", { StopSignal: "SIGINT" }],
  ["no Env", { Env: [] }],
])("%s changes it", (_what, config) => {
  expect(withConfig(config)).not.toBe(hash());
});

test("layers count, in their order", () => {
  const hashes = [
    hash(),
    hash({ layers: ["sha256:b", "sha256:a"] }),
    hash({ layers: ["sha256:a"] }),
    hash({ layers: [] }),
    hash({ layers: ["sha256:a", "sha256:b", "sha256:b"] }),
    hash({ layers: ['sha256:a","sha256:b'] }),
  ];
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("the platform counts, and no variant is an empty one", () => {
  const hashes = [hash(), hash({ os: "windows" }), hash({ architecture: "arm64" }), hash({ variant: "v8" })];
  expect(new Set(hashes).size).toBe(hashes.length);
  expect(hash({ variant: "" })).toBe(hash());
});

test.each<[string, Record<string, unknown>]>([
  ["the order of labels", { Labels: { y: "2", x: "1" } }],
  [
    "null, an empty text and an empty map for what is not set",
    { User: "", ExposedPorts: {}, Volumes: null, WorkingDir: undefined },
  ],
  ["health checks and ONBUILD, which are the engine's", { Healthcheck: { Test: ["CMD", "true"] }, OnBuild: ["RUN x"] }],
  ["what engines add", { Hostname: "a", Image: "sha256:x", AttachStdin: false }],
])("%s does not", (_what, config) => {
  expect(withConfig(config)).toBe(hash());
});

test("two configurations with one hash are the same in every field that a container can tell", () => {
  const list = fc.option(fc.array(fc.constantFrom("a", "b", "", "a b"), { maxLength: 3 }), { nil: null });
  const map = fc.option(fc.dictionary(fc.constantFrom("x", "y"), fc.constantFrom("1", "2")), { nil: null });
  const config = fc.record({
    User: fc.constantFrom("", "u"),
    Cmd: list,
    Entrypoint: list,
    Env: list,
    Labels: map,
    Volumes: map,
  });
  const canonical = (values: Record<string, unknown>): string =>
    JSON.stringify(
      Object.entries(values).map(([name, value]) => [
        name,
        value === null ||
        value === "" ||
        (Array.isArray(value) && value.length === 0) ||
        (typeof value === "object" && Object.keys(value as object).length === 0)
          ? null
          : Array.isArray(value) || typeof value !== "object"
            ? value
            : Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1)),
      ]),
    );
  fc.assert(
    fc.property(config, config, (one, other) => {
      expect(hash({ config: one }) === hash({ config: other })).toBe(canonical(one) === canonical(other));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["linux", "amd64", undefined, null],
  ["linux", "amd64", "v3", null],
  ["linux", "arm64", "v8", "X is for linux/arm64/v8, but sandboxes run linux/amd64. Do it."],
  ["windows", "amd64", undefined, "X is for windows/amd64, but sandboxes run linux/amd64. Do it."],
  ["", "", undefined, "X is for an unknown system/an unknown architecture, but sandboxes run linux/amd64. Do it."],
])("a platform %s/%s %s", (os, architecture, variant, message) => {
  const check = (): void => checkPlatform("X", os, architecture, variant, "Do it.");
  if (message === null) expect(check).not.toThrow();
  else expect(check).toThrow(message);
});
