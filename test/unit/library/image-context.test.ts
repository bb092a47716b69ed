import { Configuration, ObjectStorageApi } from "@daytona/api-client";
import { Daytona, Image } from "@daytona/sdk";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaytonaError, InvalidArgumentError, SnapshotService } from "../../../provider";
import { type LocalApi, startLocalApi } from "../../../provider/local";

let api: LocalApi;
const here = process.cwd();
let folder: string;

beforeAll(
  async () =>
    void (api = await startLocalApi({
      pullSeconds: 0.05,
      buildSeconds: 1.5,
      cronSeconds: 0.02,
      activationCooldownSeconds: 0,
      checkContexts: true,
    })),
);
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-library-")));
  process.chdir(folder);
  mkdirSync("app");
  writeFileSync("app/main.txt", "hello");
});
afterEach(() => {
  process.chdir(here);
  rmSync(folder, { recursive: true });
  api.control.reset();
});
afterAll(() => api.close());

const storage = (): ObjectStorageApi =>
  new ObjectStorageApi(
    new Configuration({ basePath: api.apiUrl, baseOptions: { headers: { Authorization: `Bearer ${api.apiKey}` } } }),
  );

test("processImageContext uploads what an Image uses, through the official client's API, and answers hashes that a build accepts", async () => {
  const image = Image.base("debian:12").addLocalDir("app", "/app").addLocalFile("app/main.txt", "/main.txt");
  const hashes = await SnapshotService.processImageContext(storage(), image);
  expect(api.control.storageKeys()).toEqual(hashes.map((hash) => `${api.organizationId}/${hash}/context.tar`));
  const response = await fetch(`${api.apiUrl}/snapshots`, {
    method: "POST",
    headers: { authorization: `Bearer ${api.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "agent", buildInfo: { dockerfileContent: image.dockerfile, contextHashes: hashes } }),
  });
  expect(response.status).toBe(200);
  while (api.control.snapshot("agent")!.state !== "active") await new Promise((resolve) => setTimeout(resolve, 20));

  expect(await SnapshotService.processImageContext(storage(), Image.base("debian:12"))).toEqual([]);
  rmSync("app", { recursive: true });
  await expect(SnapshotService.processImageContext(storage(), image)).rejects.toThrow(InvalidArgumentError);
  const refused = { getPushAccess: () => Promise.reject(new Error("no access")) };
  mkdirSync("app");
  writeFileSync("app/main.txt", "other");
  await expect(SnapshotService.processImageContext(refused, image)).rejects.toThrow(DaytonaError);
});

test("files of several folders are sent as the official library sends them, and the build has them", async () => {
  const names: string[][] = [];
  const own = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl });
  for (const service of [new Daytona({ apiKey: api.apiKey, apiUrl: api.apiUrl }).snapshot, own] as Service[]) {
    mkdirSync("images/lib", { recursive: true });
    writeFileSync("images/lib/tool.txt", "tool");
    const image = Image.base("debian:12")
      .addLocalFile(join(folder, "app/main.txt"), "/main.txt")
      .addLocalDir("app", "/app")
      .dockerfileCommands(["COPY lib /lib"], "images");
    expect((await service.create({ name: "several", image })).state).toBe("active");
    names.push(sentNames());
    api.control.reset();
  }
  own.close();
  expect(names[1]).toEqual(names[0]);
  expect(names[0]).toEqual(["app/main.txt", "lib/tool.txt", `${folder.slice(1)}/app/main.txt`].sort());
});

/** The files in the storage, as a builder unpacks them. */
function sentNames(): string[] {
  const names = api.control
    .storageKeys()
    .flatMap((key) =>
      spawnSync("tar", ["-t"], { input: api.control.storageContent(key)!, encoding: "utf8" }).stdout.split("\n"),
    );
  return [...new Set(names.filter((name) => name !== "" && !name.endsWith("/")))].sort();
}

test("what an Image uses and does not send is told before the snapshot is created", async () => {
  const own = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl });
  const warnings: string[] = [];
  writeFileSync("data.tar", "x");
  const image = Image.base("debian:12")
    .addLocalFile("app/main.txt", "/main.txt")
    .dockerfileCommands(["ADD data.tar /data"]);
  await own
    .create(
      { name: "adds", image },
      {
        onWarning(warning) {
          warnings.push(warning);
          expect(api.control.snapshot("adds")).toBeNull();
        },
      },
    )
    .catch(() => undefined);
  own.close();
  expect(warnings).toEqual([
    "The Dockerfile copies files that are not sent\ncontext does not list them, or they are ignored, so the build will fail at: ADD data.tar. Add them to context, or remove it to send what the Dockerfile uses. An Image of Daytona's SDK sends only what COPY names: use COPY there, or addLocalFile and addLocalDir.",
  ]);
});

interface Service {
  list(page?: number, limit?: number): Promise<{ items: { name: string; state: string }[]; total: number }>;
  get(name: string): Promise<{ id: string; name: string; state: string; mem: number }>;
  create(
    params: {
      name: string;
      image: string | Image;
      resources?: { cpu?: number; memory?: number; disk?: number };
      entrypoint?: string[];
    },
    options?: { onLogs?: (chunk: string) => void; timeout?: number },
  ): Promise<{ id: string; name: string; state: string }>;
  activate(snapshot: { id: string } | string): Promise<unknown>;
  delete(snapshot: any): Promise<void>;
}

/** The snapshot part of the official documentation, as one program. */
async function program(snapshots: Service): Promise<unknown[]> {
  const told: unknown[] = [];
  const chunks: string[] = [];
  const image = Image.debianSlim("3.12")
    .pipInstall(["numpy", "pandas"])
    .runCommands("apt-get update")
    .workdir("/home/daytona")
    .env({ MY_ENV: "x" })
    .addLocalFile("app/main.txt", "/home/daytona/main.txt");
  told.push(
    (
      await snapshots.create(
        { name: "data-science", image, resources: { cpu: 1, memory: 2, disk: 3 } },
        { onLogs: (chunk) => chunks.push(chunk), timeout: 60 },
      )
    ).state,
  );
  told.push([chunks[0], chunks.at(-1), chunks.join("\n").includes("RUN apt-get update")]);
  told.push((await snapshots.create({ name: "plain", image: "alpine:3.20", entrypoint: ["sleep", "infinity"] })).state);
  const found = await snapshots.get("data-science");
  told.push([found.name, found.state, found.mem]);
  const listed = await snapshots.list(1, 10);
  told.push(listed.total, listed.items.map(({ name, state }) => `${name} ${state}`).sort());
  api.control.update("plain", { state: "inactive", updatedAt: Date.now() - 11 * 60_000 });
  await snapshots.activate("plain");
  await snapshots.delete(await snapshots.get("plain"));
  await snapshots.delete("data-science");
  return told;
}

test("the program of the SDK's documentation does the same with both libraries: results, and what it asks the API to do", async () => {
  const seen = [];
  const own = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl });
  for (const service of [new Daytona({ apiKey: api.apiKey, apiUrl: api.apiUrl }).snapshot, own] as Service[]) {
    const told = await program(service);
    const calls = api.control
      .requests()
      .filter(({ method, kind }) => method !== "GET" && kind !== "storage")
      .map(({ method, path, status }) => `${method} ${path.replace(/[0-9a-f-]{36}/, "ID")} ${status}`);
    seen.push({ told, calls });
    api.control.reset();
  }
  own.close();
  expect(seen[0]!.calls).toEqual([
    "POST /api/snapshots 200",
    "POST /api/snapshots 200",
    "POST /api/snapshots/ID/activate 200",
    "DELETE /api/snapshots/ID 200",
    "DELETE /api/snapshots/ID 200",
  ]);
  expect(seen[1]).toEqual(seen[0]);
}, 60_000);

// findings/typescript-sdk-copy-patterns.sh
test("an Image without the files of a pattern is created with a warning that says how to write it", async () => {
  for (const name of ["package.json", "package-lock.json"]) writeFileSync(name, name);
  const warnings: string[] = [];
  const service = new SnapshotService({ apiKey: api.apiKey, apiUrl: api.apiUrl });
  const onWarning = (text: string) => void warnings.push(text);
  for (const [name, source] of [
    ["plain", "package*.json"],
    ["quoted", '"package*.json"'],
  ] as const) {
    writeFileSync("Dockerfile", `FROM debian:12\nCOPY ${source} /app/\n`);
    await service.create({ name, image: Image.fromDockerfile("Dockerfile") }, { onWarning });
  }
  service.close();
  expect(warnings).toEqual([
    expect.stringMatching(/nothing is copied at: COPY package\*\.json\..*only if it is in quotes/) as string,
  ]);
  expect(sentNames()).toEqual(["package-lock.json", "package.json"]);
});
