import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../../provider/local";
import { type Podman, type Registry, startPodman, startRegistry, withEngine } from "../../lifecycle/publish/image/real";
import { BUCKET, startStorage, TEMPORARY, versitygw } from "../../lifecycle/publish/versitygw";
import { runOn } from "./run";

jest.setTimeout(120_000);

const here = process.cwd();
let folder: string;
let api: LocalApi;
const run = (args: string[], more = {}) => runOn(api, args, more);
const quick = { pullSeconds: 0.05, buildSeconds: 0.2, cronSeconds: 0.02 };

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-cli-")));
  process.chdir(folder);
});
afterEach(async () => {
  process.chdir(here);
  rmSync(folder, { recursive: true });
  await api.close();
});

withEngine("push, with a real engine and registry", () => {
  let engine: Podman;
  let registry: Registry;
  beforeAll(
    async () =>
      void ([engine, registry] = await Promise.all([
        startPodman(),
        startRegistry({ username: "robot", password: "planted-secret" }),
      ])),
  );
  afterAll(() => Promise.all([engine.stop(), registry.stop()]));

  test("an image of the engine and an archive of it arrive in the registry as the same content", async () => {
    api = await startLocalApi({
      ...quick,
      registry: { url: registry.host, username: "robot", secret: "planted-secret" },
    });
    engine.build("agent:dev", { "etc/agent": "hello" });
    engine.podman("save", "--format", "oci-archive", "-o", join(folder, "agent.tar"), "agent:dev");
    const env = { DOCKER_HOST: engine.host };
    const pushed = await run(["push", "agent:dev", "--name", "agent", "--cpu", "2"], { env });
    expect(pushed).toMatchObject({ code: 0, out: expect.stringContaining('Snapshot "agent" is active.') as string });
    expect(pushed.err).toContain(`pushing the local image "agent:dev" to ${registry.host}`);
    expect(pushed.err + pushed.out).not.toContain("planted-secret");
    expect(
      (
        await run(["create", "again", "--local-image", "oci-archive:agent.tar"], {
          env: { DOCKER_HOST: "unix:///nowhere" },
        })
      ).code,
    ).toBe(0);
    const [first, second] = ["agent", "again"].map((name) => api.control.snapshot(name)!.imageName!);
    const hashOf = (image: string): string => /:v2-([0-9a-f]+)$/.exec(image)?.[1] ?? image;
    expect(hashOf(second!)).toBe(hashOf(first!));
    const [, repository, tag] = /^[^/]+\/(.+):([^:]+)$/.exec(first!)!;
    expect((await registry.get(`/v2/${repository}/manifests/${tag}`)).status).toBe(200);
  });

  test("--if-not-exists: the same image is pushed no second time, and another one is told by what push calls it", async () => {
    api = await startLocalApi({
      ...quick,
      registry: { url: registry.host, username: "robot", secret: "planted-secret" },
    });
    const env = { DOCKER_HOST: engine.host };
    engine.build("same:dev", { file: "one" });
    const push = (...more: string[]) => run(["push", "same:dev", "--name", "same", ...more], { env });
    expect((await push()).code).toBe(0);
    const taken = await push();
    expect(taken.code).toBe(1);
    expect(taken.err).toContain("It matches the requested snapshot.\n  To adopt it, add `--if-not-exists`.");
    expect((await push("--if-not-exists")).code).toBe(0);
    engine.build("same:dev", { file: "two" });
    const other = await push("--if-not-exists");
    expect(other.code).toBe(1);
    expect(other.err).toContain("    IMAGE: the content of the image differs\n");
    expect(other.err).not.toContain("--local-image");
  });

  test("an image that the engine does not have is named, and nothing is created", async () => {
    api = await startLocalApi({
      ...quick,
      registry: { url: registry.host, username: "robot", secret: "planted-secret" },
    });
    const { code, err } = await run(["push", "none:1", "--name", "none"], { env: { DOCKER_HOST: engine.host } });
    expect(code).toBe(1);
    expect(err).toMatch(
      /^Error: creating snapshot "none": local image not usable\n {2}The local image "none:1" does not exist in the engine .*, or use `daytona-iac snapshot create --image` instead of IMAGE\.\n$/,
    );
    expect(api.control.snapshot("none")).toBeNull();
  });
});

(versitygw ? describe : describe.skip)(
  `create --dockerfile, with a real S3 server${versitygw ? "" : " (DAYTONA_IAC_VERSITYGW is not set)"}`,
  () => {
    test("what lies in the bucket is the context, and a second create sends nothing", async () => {
      const storage = await startStorage();
      try {
        api = await startLocalApi({
          ...quick,
          storage: {
            url: storage.url,
            accessKey: TEMPORARY.accessKeyId,
            secret: TEMPORARY.secretAccessKey,
            bucket: BUCKET,
          },
        });
        mkdirSync("app/src", { recursive: true });
        writeFileSync("app/Dockerfile", "FROM alpine:3.20\nCOPY src /src\n");
        writeFileSync("app/src/main", "hello");
        writeFileSync("app/ignored", "not used");
        const made = await run(["create", "agent", "-f", "app/Dockerfile"]);
        expect(made).toMatchObject({ code: 0, err: expect.not.stringContaining("Error") as string });
        expect(made.err).toMatch(/uploading the build context: 0\.0 of 0\.0 MiB/);
        expect(made.err + made.out).not.toContain(TEMPORARY.secretAccessKey);
        const [key, ...others] = await storage.keys();
        expect({ key, others }).toEqual({
          key: `${api.organizationId}/${api.control.snapshot("agent")!.buildInfo!.contextHashes![0]}/context.tar`,
          others: [],
        });
        const listed = spawnSync("tar", ["-t"], { input: await storage.read(key!), encoding: "utf8" });
        expect(listed.stdout.split("\n").filter((line) => line !== "")).toEqual(["src/main"]);
        storage.seen.length = 0;
        expect((await run(["create", "again", "-f", "app/Dockerfile"])).code).toBe(0);
        expect(storage.seen.map(({ operation }) => operation)).toEqual(["list"]);
      } finally {
        await storage.stop();
      }
    });
  },
);
