import { createHash } from "node:crypto";
import type { LocalApi } from "../../../provider/local";
import { call, closeAll, start, until } from "./harness";

afterEach(closeAll);

const HEX = "36fb706f4947c983a1cae3cdeef35c6c8d717a67acdba22693c4ef90c712a8b1";
/** Digest of the local registries for a tag that has been moved so often. */
const digest = (image: string, moves: number): string =>
  `sha256:${createHash("sha256").update(`${image}#${moves}`).digest("hex")}`;

async function make(local: LocalApi, name: string, source: object): Promise<string> {
  const { body } = await call(local, "POST", "/snapshots", { name, ...source });
  await until(local, body.id as string, "active");
  return local.control.snapshot(name)!.ref!;
}
const pull = (local: LocalApi, name: string, imageName: string) => make(local, name, { imageName });

test("v2: a tag that the engine has is not pulled again: the new ref holds the old content, until the images are forgotten", async () => {
  const local = await start({ generation: "v2" });
  const { control } = local;
  const first = await pull(local, "first", "app:1");
  expect(control.contentOf("first")).toBe(digest("app:1", 0));
  control.moveTag("app:1");
  const second = await pull(local, "second", "app:1");
  expect(second).toContain(digest("app:1", 1).slice("sha256:".length));
  expect(second).not.toBe(first);
  expect(control.contentOf("second")).toBe(digest("app:1", 0));
  control.forgetImages();
  control.remove("second");
  await pull(local, "third", "app:1");
  expect(control.contentOf("third")).toBe(digest("app:1", 1));
  expect(control.contentOf("first")).toBe(digest("app:1", 0));
});

test("v2: an image that is there is active at once, and is pulled all the same", async () => {
  const local = await start({ generation: "v2" });
  const { control } = local;
  await pull(local, "first", "app:1");
  control.moveTag("app:1");
  const ref = await pull(local, "second", "app:1");
  control.forgetImages();
  expect(await pull(local, "third", "app:1")).toBe(ref);
  for (const end = Date.now() + 15_000; control.contentOf("third") !== digest("app:1", 1) && Date.now() < end;)
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(["second", "third"].map((name) => control.contentOf(name))).toEqual([digest("app:1", 1), digest("app:1", 1)]);
});

test("what was forgotten altogether is pulled; what could not be pulled is not there", async () => {
  const local = await start({ generation: "v2" });
  const { control } = local;
  await pull(local, "first", "app:1");
  control.moveTag("app:1");
  control.reset();
  await pull(local, "second", "app:1");
  expect(control.contentOf("second")).toBe(digest("app:1", 1));
  control.source({ image: "broken:1", outcome: "fail" });
  const { body } = await call(local, "POST", "/snapshots", { name: "failed", imageName: "broken:1" });
  await until(local, body.id as string, "error");
  expect(control.snapshot("failed")!.ref).not.toBeNull();
  expect(control.contentOf("failed")).toBeNull();
});

test("v0 pulls a moved tag", async () => {
  const local = await start({ generation: "v0" });
  await pull(local, "first", "app:1");
  local.control.moveTag("app:1");
  await pull(local, "second", "app:1");
  expect(local.control.contentOf("second")).toBe(digest("app:1", 1));
});

test("a build asks for its base image every time; a digest is what it names", async () => {
  const local = await start({ generation: "v2" });
  const { control } = local;
  await make(local, "one", { buildInfo: { dockerfileContent: "FROM app:1 AS base\nFROM base\nRUN a\n" } });
  control.moveTag("app:1");
  await make(local, "two", { buildInfo: { dockerfileContent: "FROM --platform=linux/amd64 app:1\nRUN b\n" } });
  await make(local, "pinned", { buildInfo: { dockerfileContent: `FROM app:1@sha256:${HEX}\n` } });
  expect(["one", "two", "pinned"].map((name) => control.contentOf(name))).toEqual([
    digest("app:1", 0),
    digest("app:1", 1),
    `sha256:${HEX}`,
  ]);
});

test("what a command made has the content that its ref says; what has failed has none", async () => {
  const local = await start({ generation: "v2" });
  const { control } = local;
  control.insert({ name: "seeded", imageName: "app:1" });
  control.insert({ name: "built", dockerfileContent: "FROM scratch\n" });
  control.moveTag("app:1");
  const { body } = await call(local, "POST", "/snapshots", { name: "failed", imageName: `app@sha256:${HEX}` });
  expect((await until(local, body.id as string, "error")).errorReason).toMatch(
    new RegExp(
      `^Snapshot docker\\.io/app:sha256:${HEX} failed to inspect in registry on runner [0-9a-f-]{36}\\. Error: Error response from daemon: invalid reference format$`,
    ),
  );
  expect(["seeded", "built", "failed"].map((name) => control.contentOf(name))).toEqual([
    digest("app:1", 0),
    null,
    null,
  ]);
  expect(() => control.contentOf("nobody")).toThrow("no snapshot nobody");
});
