import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UNKNOWN } from "../../../../../provider/kit/unknown";
import { planSnapshot, type SnapshotInputs, type SnapshotRecord } from "../../../../../provider/resources/snapshot";
import { createSourceReader } from "../../../../../provider/source/source-reader";
import { toolWords } from "../../../../../provider/terraform/words";
import { mortal } from "../../swap/killed";
import { bench, type Bench, context, recordOf, text, told, written } from "../../support";
import { type Podman, type Registry, startPodman, startRegistry, withEngine } from "./real";

const SECRET = "planted-registry-secret";
const CREDENTIALS = { username: "planted-robot", password: SECRET };

withEngine("a local image", () => {
  let engine: Podman;
  let open: Registry;
  let closed: Registry;
  let folder: string;
  let b: Bench;
  const before = process.env["DOCKER_HOST"];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "local-image-"));
    [engine, open, closed] = await Promise.all([startPodman(), startRegistry(), startRegistry(CREDENTIALS)]);
    process.env["DOCKER_HOST"] = engine.host;
    engine.build("acme/agent:dev", { "bin/agent": "one\n" }, ["ENV MODE=fast", 'CMD ["/bin/agent"]']);
  }, 60_000);
  afterAll(async () => {
    if (before === undefined) delete process.env["DOCKER_HOST"];
    else process.env["DOCKER_HOST"] = before;
    await Promise.all([engine.stop(), open.stop(), closed.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });
  const use = async (registry: Registry, secret = SECRET): Promise<void> =>
    void (b = await bench({ registry: { url: registry.host, username: CREDENTIALS.username, secret } }));
  afterEach(() => b.close());

  const reader = createSourceReader();
  /** Plans as the faces do: the image is read first. */
  async function planned(prior: SnapshotRecord | null, inputs: Partial<SnapshotInputs>, marks = {}) {
    const program = written(inputs);
    const build = await reader.prepare(program, (name) => name);
    return planSnapshot({
      prior,
      marks,
      written: { ...program, ...(build ? { prepared: build.source } : {}) },
      providerRegion: null,
      words: toolWords(),
    });
  }
  const create = async (inputs: Partial<SnapshotInputs>) =>
    b.lifecycle.create((await planned(null, inputs)).planned, context());
  const inRegistry = async (
    registry: Registry,
    imageName: string,
  ): Promise<{ config: { digest: string }; layers: { digest: string }[] }> => {
    const [, repository, tag] = /^[^/]+\/(.*):(.*)$/.exec(imageName)!;
    const answer = await registry.get(`/v2/${repository}/manifests/${tag}`);
    expect({ imageName, status: answer.status }).toEqual({ imageName, status: 200 });
    const manifest = (await answer.json()) as { config: { digest: string }; layers: { digest: string }[] };
    for (const { digest } of [manifest.config, ...manifest.layers])
      expect((await registry.get(`/v2/${repository}/blobs/${digest}`)).status).toBe(200);
    return manifest;
  };

  test("is pushed by the engine to a repository of its own; the tag made for that is gone; the next plan is empty", async () => {
    await use(open);
    const inputs = { name: "agent", localImage: "acme/agent:dev", entrypoint: ["/bin/agent"] };
    const plan = await planned(null, inputs);
    expect(plan.planned).toMatchObject({
      image: null,
      localImage: "acme/agent:dev",
      sourceHash: expect.stringMatching(/^v2:[0-9a-f]{64}$/),
      imageName: UNKNOWN,
    });
    const heard = told();
    const record = recordOf(await b.lifecycle.create(plan.planned, context({}, heard)));
    expect(record).toMatchObject({
      image: null,
      localImage: "acme/agent:dev",
      state: "active",
      sourceHash: plan.planned.sourceHash,
    });
    expect(record.imageName).toMatch(
      new RegExp(`^${open.host}/daytona/agent-\\d{17}:v2-${String(record.sourceHash).slice(3)}$`),
    );
    expect(b.local.control.snapshot("agent")).toMatchObject({
      imageName: record.imageName,
      entrypoint: ["/bin/agent"],
    });
    await inRegistry(open, String(record.imageName));
    expect(engine.podman("images", "--format", "{{.Repository}}:{{.Tag}}")).not.toContain(open.host);
    expect(heard.progress).toContain(`pushing the local image "acme/agent:dev" to ${open.host}`);

    const read = await b.lifecycle.read(record, {}, context());
    expect(read.record).toEqual(record);
    expect((await planned(read.record, inputs)).action).toBe("none");
    engine.podman("tag", "acme/agent:dev", "acme/agent:renamed");
    expect(await planned(record, { ...inputs, localImage: "acme/agent:renamed" })).toMatchObject({
      action: "none",
      changed: [],
      planned: { localImage: record.localImage },
    });
  }, 60_000);

  test("new content under the same name is a swap, with a push for each of its two creates", async () => {
    await use(open);
    engine.build("acme/moving:dev", { "bin/agent": "one\n" });
    const inputs = { name: "moving", localImage: "acme/moving:dev" };
    const prior = recordOf(await create(inputs));
    engine.build("acme/moving:dev", { "bin/agent": "two\n" });
    const plan = await planned(prior, inputs);
    expect(plan).toMatchObject({ action: "swap", changed: ["sourceHash"] });
    const heard = told();
    const record = recordOf(await b.lifecycle.update(prior, {}, plan.planned, context({}, heard)));
    expect(record.sourceHash).not.toBe(prior.sourceHash);
    expect(record.imageName).toContain(String(record.sourceHash).slice(3));
    expect(heard.progress.filter((line) => line.startsWith('pushing the local image "'))).toHaveLength(2);
    expect(b.names()).toEqual({ moving: "active" });
  }, 60_000);

  test.each(["oci-archive", "docker-archive", "oci"])(
    "%s: the same image without an engine, to a registry with a password",
    async (format) => {
      await use(closed);
      const path = join(folder, format === "oci" ? "layout" : `${format}.tar`);
      engine.podman("save", "--format", format === "oci" ? "oci-dir" : format, "-o", path, "acme/agent:dev");
      const fromEngine = (await planned(null, { name: "agent", localImage: "acme/agent:dev" })).planned.sourceHash;
      const record = recordOf(await create({ name: "agent", localImage: `${format}:${path}` }));
      expect(record.sourceHash).toBe(fromEngine);
      const manifest = await inRegistry(closed, String(record.imageName));
      expect(manifest.config.digest).toBe(
        engine.podman("image", "inspect", "--format", "sha256:{{.Id}}", "acme/agent:dev").trim(),
      );
      // The registry's own tool reads it.
      expect(
        engine.podman(
          "pull",
          "--tls-verify=false",
          "--creds",
          `${CREDENTIALS.username}:${SECRET}`,
          String(record.imageName),
        ),
      ).toContain(manifest.config.digest.slice(7));
      engine.podman("rmi", String(record.imageName));
    },
    60_000,
  );

  test("an import of a pushed image plans nothing for the program that pushed it, and a swap for another content", async () => {
    await use(open);
    const record = recordOf(await create({ name: "agent", localImage: "acme/agent:dev" }));
    const imported = await b.lifecycle.import("agent", context());
    expect(imported.record?.image).toBe(record.imageName);
    const inputs = { name: "agent", localImage: "acme/agent:dev" };
    expect(await planned(imported.record, inputs, imported.marks)).toMatchObject({
      action: "state-only",
      planned: { sourceHash: record.sourceHash, image: null },
    });
    engine.build("acme/other:dev", { other: "x" });
    expect((await planned(imported.record, { ...inputs, localImage: "acme/other:dev" }, imported.marks)).action).toBe(
      "swap",
    );
    const adopted = recordOf(
      await b.another().create((await planned(null, { ...inputs, adoptExisting: true })).planned, context()),
    );
    expect(adopted.id).toBe(record.id);
  }, 60_000);

  test("a swap that is killed at any call, pushes included, is finished by the next apply", async () => {
    await use(open);
    engine.build("acme/killed:one", { content: "one" });
    engine.build("acme/killed:two", { content: "two" });
    const [one, two] = [
      { name: "killed", localImage: "acme/killed:one" },
      { name: "killed", localImage: "acme/killed:two" },
    ];
    let longest = 0;
    for (let at = 0; ; at += 1) {
      b.local.control.reset();
      const prior = recordOf(await create(one));
      const plan = await planned(prior, two);
      let calls: string[] = [];
      await b
        .another((api) => {
          const process = mortal(api, at, "after");
          calls = process.calls;
          return process.api;
        })
        .update(prior, {}, plan.planned, context());
      longest = Math.max(longest, calls.length);
      if (calls.length <= at) break;
      let state: SnapshotRecord | null = prior;
      for (let applies = 0; applies < 3; applies += 1) {
        const lifecycle = b.another();
        const read: { record: SnapshotRecord | null; marks: object } =
          state === null ? { record: null, marks: {} } : await lifecycle.read(state, {}, context());
        const next = await planned(read.record, { ...two, adoptExisting: true }, read.marks);
        if (next.action === "none") break;
        const outcome =
          read.record === null
            ? await lifecycle.create(next.planned, context())
            : await lifecycle.update(read.record, read.marks, next.planned, context());
        if (outcome.error) expect(text(outcome.error)).toContain("gone since the plan; plan again");
        state = outcome.record;
      }
      expect({ at, calls, names: b.names() }).toEqual({ at, calls, names: { killed: "active" } });
      expect(b.local.control.snapshot("killed")?.imageName).toContain(String(plan.planned.sourceHash).slice(3));
    }
    expect(longest).toBeGreaterThan(10);
  }, 200_000);

  test("messages: what is wrong, and what to do; nothing is created, and no credential is told", async () => {
    await use(closed, "wrong");
    const failure = async (localImage: string): Promise<string> => {
      const heard = told();
      const program = written({ name: "agent", localImage });
      const build = await reader.prepare(program, (name) => name);
      const plan = planSnapshot({
        prior: null,
        marks: {},
        written: { ...program, prepared: build!.source },
        providerRegion: null,
        words: toolWords(),
      });
      const outcome = await b.lifecycle.create(plan.planned, context({}, heard));
      expect(outcome.record).toBeNull();
      expect(b.local.control.counts()).not.toMatchObject({ create: expect.any(Number) });
      expect(JSON.stringify([outcome, heard])).not.toMatch(/"wrong"|planted-robot|:wrong/);
      return text(outcome.error);
    };
    const path = join(folder, "refused.tar");
    engine.podman("save", "--format", "oci-archive", "-o", path, "acme/agent:dev");
    expect(await failure(`oci-archive:${path}`)).toBe(
      `creating snapshot "agent": the registry rejected the credentials\n${closed.host} returned 401 UNAUTHORIZED: authentication required.\nThe API has just issued them. Ask the operator of the Daytona server to check its transient registry.\nNo snapshot was created.`,
    );
    const fromEngine = await failure("acme/agent:dev");
    expect(fromEngine).toMatch(
      /^creating snapshot "agent": the registry denied the push\nThe engine at unix:.* could not push "acme\/agent:dev" to 127\.0\.0\.1:\d+: .*(unauthorized|authentication required)/,
    );
    expect(fromEngine).toContain(
      "Ask the operator of the Daytona server to check the credentials of its transient registry.",
    );
    expect(engine.podman("images", "--format", "{{.Repository}}")).not.toContain(closed.host);
    await b.close();
    // Nothing listens on the port of the discard service.
    b = await bench({ registry: { url: "127.0.0.1:9", username: "robot", secret: SECRET } });
    expect(await failure(`oci-archive:${path}`)).toMatch(
      /cannot reach the registry\n.* could not be pushed to 127\.0\.0\.1:9: ECONNREFUSED/,
    );
  }, 60_000);
});
