import { spawnSync } from "node:child_process";
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Daytona, Image } from "@daytona/sdk";
import { type LocalApi, startLocalApi } from "../../provider/local";
import { createByPythonSdk, python, withoutPython } from "../faces/support/python-sdk";

/** The official SDK, unchanged, against the local API. It polls once a second. */
let local: LocalApi;
let daytona: Daytona;
let folder: string;

beforeAll(async () => {
  local = await startLocalApi({ pullSeconds: 0.3, buildSeconds: 1.5 });
  daytona = new Daytona({ apiKey: local.apiKey, apiUrl: local.apiUrl });
  folder = mkdtempSync(join(tmpdir(), "context-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await local.close();
});

test("creates from an image, with progress, reads and lists", async () => {
  const lines: string[] = [];
  const made = await daytona.snapshot.create(
    { name: "from-image", image: "ubuntu:24.04", resources: { cpu: 2, memory: 4, disk: 5 } },
    { onLogs: (line) => lines.push(line) },
  );
  expect(made).toMatchObject({ name: "from-image", state: "active", cpu: 2, mem: 4, disk: 5 });
  expect(lines[0]).toBe("Creating snapshot from-image (pending)");
  expect(lines.at(-1)).toBe("Created snapshot from-image (active)");
  expect((await daytona.snapshot.get("from-image")).id).toBe(made.id);
  const page = await daytona.snapshot.list(1, 50);
  expect(page.items.map((item) => item.name)).toContain("from-image");
  expect(page).toMatchObject({ page: 1, totalPages: 1 });
}, 20_000);

test("builds an Image with a context, whose log arrives", async () => {
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app", "main.txt"), "hello");
  const image = Image.base("debian:12").runCommands("echo building").addLocalDir(join(folder, "app"), "/app");
  const lines: string[] = [];
  const made = await daytona.snapshot.create({ name: "built", image }, { onLogs: (line) => lines.push(line) });
  expect(made.state).toBe("active");
  expect(lines.join("\n")).toContain("RUN echo building");
  expect(lines.join("\n")).toContain("exporting to image");
  const [hash] = made.buildInfo?.contextHashes ?? [];
  expect(local.control.storageKeys()).toEqual([`${local.organizationId}/${hash}/context.tar`]);

  // The second upload is skipped: the storage has it.
  local.control.clearRequests();
  await daytona.snapshot.create({ name: "built-again", image });
  expect(
    local.control
      .requests()
      .filter((r) => r.kind === "storage")
      .map((r) => r.method),
  ).toEqual(["GET"]);
}, 30_000);

/** Name and content of every file in the contexts of a snapshot. */
function files(name: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const hash of local.control.snapshot(name)!.buildInfo!.contextHashes!) {
    const to = mkdtempSync(join(folder, "tar-"));
    const { status } = spawnSync("tar", ["-x", "-C", to], {
      input: local.control.storageContent(`${local.organizationId}/${hash}/context.tar`)!,
    });
    expect(status).toBe(0);
    for (const entry of readdirSync(to, { recursive: true, withFileTypes: true })) {
      if (entry.isFile())
        found[relative(to, join(entry.parentPath, entry.name))] = readFileSync(
          join(entry.parentPath, entry.name),
          "utf8",
        );
    }
  }
  return found;
}

function dockerfileWithFiles(): string {
  const root = mkdtempSync(join(folder, "dockerfile-"));
  mkdirSync(join(root, "app"));
  writeFileSync(join(root, "app/main.txt"), "hello");
  writeFileSync(join(root, "run.sh"), "#!/bin/sh");
  writeFileSync(join(root, "Dockerfile"), "FROM debian:12\nCOPY app /app\nCOPY run.sh /run.sh\n");
  return join(root, "Dockerfile");
}

test("a Dockerfile with its files: they arrive", async () => {
  await daytona.snapshot.create({ name: "dockerfile", image: Image.fromDockerfile(dockerfileWithFiles()) });
  expect(files("dockerfile")).toEqual({ "app/main.txt": "hello", "run.sh": "#!/bin/sh" });
}, 30_000);

(python ? test : test.skip)(
  `a Dockerfile with its files, by the SDK for Python${withoutPython}`,
  async () => {
    expect(await createByPythonSdk(local, "python", dockerfileWithFiles())).toEqual({
      code: 0,
      output: expect.stringContaining("ACTIVE"),
    });
    expect(files("python")).toEqual({ "app/main.txt": "hello", "run.sh": "#!/bin/sh" });
  },
  60_000,
);

test("a big context goes up in parts", async () => {
  const big = join(folder, "big");
  mkdirSync(big);
  writeFileSync(join(big, "data.bin"), Buffer.alloc(12 * 1024 * 1024, 7));
  const image = Image.base("debian:12").addLocalDir(big, "/big");
  const made = await daytona.snapshot.create({ name: "big", image });
  const key = `${local.organizationId}/${made.buildInfo!.contextHashes![0]}/context.tar`;
  expect(local.control.storageKeys()).toContain(key);
  expect(local.control.requests().some((r) => r.kind === "storage" && r.url.includes("uploadId"))).toBe(true);
}, 30_000);

test("a failing build says why", async () => {
  local.control.source({ dockerfile: "RUN ./broken.sh", outcome: "fail" });
  await expect(
    daytona.snapshot.create({ name: "failing", image: Image.base("debian:12").runCommands("./broken.sh") }),
  ).rejects.toThrow(
    'Failed to create snapshot. Name: failing Reason: failed to solve: process "/bin/sh -c ./broken.sh" did not complete successfully: exit code: 1',
  );
}, 20_000);

test("activates and deletes", async () => {
  const id = local.control.insert({ name: "asleep", state: "inactive", updatedAt: Date.now() - 3_600_000 });
  const woken = await daytona.snapshot.activate(await daytona.snapshot.get("asleep"));
  expect(woken.state).toBe("pending");
  await daytona.snapshot.delete(await daytona.snapshot.get("asleep"));
  expect(local.control.snapshot(id)?.state ?? "gone").toMatch(/removing|gone|pulling/);
});
