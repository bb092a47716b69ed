import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { pushImage } from "../../../../../provider/lifecycle/publish/image/push-image";
import type { PushRequest } from "../../../../../provider/lifecycle/publish/image/push-request";
import { Pushes, repositoryIn } from "../../../../../provider/lifecycle/pushes/pushes";
import { planSnapshot } from "../../../../../provider/resources/snapshot";
import { createSourceReader } from "../../../../../provider/source/source-reader";
import { toolWords } from "../../../../../provider/terraform/words";
import type { ImageEngine } from "../../../../../provider/source/local-image/engine/image-engine";
import type { LocalImage } from "../../../../../provider/source/local-image/local-image";
import { ociFiles, writeFolder } from "../../../source/local-image/images";
import { bench, context, plan, recordOf, text, written } from "../../support";
import { contentsOf, type Counting, digestOf, imageOf, layerOf, startCounting } from "./counting";
import { type Registry, startRegistry, withEngine } from "./real";

const KIB = 1024;
const MIB = 2 ** 20;

withEngine("only what is new is sent", () => {
  let real: Registry;
  let registry: Counting;
  beforeAll(async () => {
    real = await startRegistry();
    registry = await startCounting(() => real.host);
  });
  afterAll(async () => {
    await registry.close();
    await real.stop();
  });
  beforeEach(() => {
    registry.seen = [];
    registry.most = 0;
    registry.fault = () => null;
  });

  const push = (image: LocalImage, more: Partial<PushRequest> = {}): Promise<string> =>
    pushImage({
      image,
      access: { username: "user", secret: "secret", registryUrl: registry.host, project: "daytona" },
      clock: systemClock,
      signal: new AbortController().signal,
      log: { debug: () => undefined, progress: () => undefined },
      doing: 'creating snapshot "agent"',
      env: {},
      ...more,
    });
  const repositoryOf = (name: string): string => repositoryIn(registry.host, name)!;
  /** The contents of the layers of a pushed image, as the registry has them. */
  async function layersAt(name: string): Promise<Buffer[]> {
    const repository = repositoryOf(name);
    const answer = await real.get(`/v2/${repository}/manifests/${name.slice(name.lastIndexOf(":") + 1)}`);
    expect(answer.status).toBe(200);
    const { layers, config } = (await answer.json()) as {
      config: { digest: string };
      layers: { digest: string; size: number }[];
    };
    expect((await real.get(`/v2/${repository}/blobs/${config.digest}`)).status).toBe(200);
    return Promise.all(
      layers.map(async ({ digest, size }) => {
        const content = Buffer.from(await (await real.get(`/v2/${repository}/blobs/${digest}`)).arrayBuffer());
        expect([digestOf(content), content.length]).toEqual([digest, size]);
        return content;
      }),
    );
  }

  test.each([
    ["as they are", false],
    ["to be compressed", true],
  ])("four pushes of one image at once send each blob once (layers %s)", async (_, plain) => {
    const contents = contentsOf(6, 50 * KIB);
    const pushes = new Pushes();
    const names = await Promise.all(Array.from({ length: 4 }, () => push(imageOf(contents, plain), { pushes })));
    // The server may remove the image of each of them once its snapshot is active.
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(await layersAt(name)).toHaveLength(6);
    expect(registry.count("PUT", "/blobs/uploads/", 201)).toBe(7);
    expect(registry.blobBytes()).toBeLessThan(6 * 51 * KIB);
    expect(registry.count("POST", "mount=", 201)).toBe(3 * 7);
  });

  test.each([
    ["as they are", false],
    ["to be compressed", true],
  ])("of the image that is replaced, only the layer that changed is sent (layers %s)", async (_, plain) => {
    const contents = contentsOf(5, 100 * KIB);
    const old = await push(imageOf(contents, plain));
    registry.seen = [];
    const changed = [...contents.slice(0, 4), ...contentsOf(1, 100 * KIB)];
    // Another process, which knows of no push.
    const name = await push(imageOf(changed, plain), { earlier: [old] });
    const there = await layersAt(name);
    expect(there).toHaveLength(5);
    if (!plain) expect(there.map(digestOf)).toEqual(changed.map(digestOf));
    expect(registry.blobBytes()).toBeLessThan(1.1 * 100 * KIB);
    expect(registry.count("POST", "mount=", 201)).toBe(4);
    expect(registry.count("PUT", "/blobs/uploads/", 201)).toBe(2);
  });

  test("a layer that needs several requests is compressed before it is known to be there", async () => {
    const [large] = contentsOf(1, 17 * MIB) as [Buffer];
    const old = await push(imageOf([large], true));
    registry.seen = [];
    await layersAt(await push(imageOf([large], true), { earlier: [old] }));
    expect([registry.count("PATCH", ""), registry.count("POST", "mount=", 201)]).toEqual([0, 2]);
    registry.seen = [];
    const [other] = contentsOf(1, 17 * MIB) as [Buffer];
    await layersAt(await push(imageOf([other], true), { earlier: [old] }));
    expect(registry.count("PATCH", "")).toBe(2);
  });

  test("a layer that is in an image twice is sent once", async () => {
    const [content] = contentsOf(1, 50 * KIB) as [Buffer];
    expect(await layersAt(await push(imageOf([content, content])))).toEqual([content, content]);
    expect(registry.blobBytes()).toBeLessThan(51 * KIB);
  });

  test("layers go side by side, at most eight", async () => {
    await push(imageOf(contentsOf(30, 200 * KIB)));
    expect(registry.most).toBeGreaterThan(2);
    expect(registry.most).toBeLessThanOrEqual(8);
  });

  test("where the registry refuses to mount, or mounts nothing, everything is sent", async () => {
    const contents = contentsOf(3, 50 * KIB);
    const old = await push(imageOf(contents));
    for (const refuse of [
      (url: string) => (url.includes("mount=") ? 405 : null),
      (url: string) => (url.includes("mount=") && !url.includes("daytona%2Fagent-") ? null : null),
      (url: string) => (decodeURIComponent(url).includes(`from=${repositoryOf(old)}`) ? 403 : null),
    ]) {
      registry.seen = [];
      registry.fault = ({ url }) => refuse(url!);
      await layersAt(await push(imageOf(contents), { earlier: [old] }));
    }
    expect(registry.blobBytes()).toBeGreaterThan(3 * 50 * KIB);
    registry.seen = [];
    registry.fault = () => null;
    const gone = `${registry.host}/daytona/gone-20260101000000000:v2-${"0".repeat(64)}`;
    await layersAt(await push(imageOf(contents), { earlier: [gone] }));
    expect(registry.blobBytes()).toBeGreaterThan(3 * 50 * KIB);
  });

  test.each([
    ["does not mount at all", "from="],
    ["does not let the old image be read", "from=daytona/agent-20260101000000000"],
  ])("a registry that %s is not asked for each layer", async (_, part) => {
    const contents = contentsOf(20, KIB);
    const old = `${registry.host}/daytona/agent-20260101000000000:v2-${"0".repeat(64)}`;
    registry.fault = ({ url }) => (decodeURIComponent(url!).includes(part) ? 405 : null);
    await layersAt(await push(imageOf(contents), part === "from=" ? {} : { earlier: [old] }));
    // Those that were under way when the first was refused.
    expect(registry.count("POST", "mount=", 405)).toBeGreaterThan(0);
    expect(registry.count("POST", "mount=", 405)).toBeLessThanOrEqual(8);
  });

  test("who waits for a blob that another push sends holds no memory that this one needs", async () => {
    // Each takes the memory of one request while it is compressed: four of them take all there is.
    const large = Buffer.alloc(17 * MIB, contentsOf(1, 64)[0]);
    const packed = gzipSync(large);
    const pushes = new Pushes();
    await push(imageOf([Buffer.from("so that something is known of the registry")]), { pushes });
    let go = (): void => undefined;
    const held = new Promise<null>((resolve) => (go = () => resolve(null)));
    const digest = encodeURIComponent(digestOf(packed));
    registry.fault = ({ method, url }) => (method === "POST" && url!.includes(digest) ? held : null);
    let opened = 0;
    const first = push(imageOf([packed]), { pushes });
    const others = Array.from({ length: 4 }, (_, at) => {
      const image = imageOf([large], true);
      const content = image.content as Extract<LocalImage["content"], { kind: "archive" }>;
      const layers = content.layers.map((layer) => ({
        ...layer,
        open: (signal: AbortSignal) => ((opened += 1), layer.open(signal)),
      }));
      return push({ ...image, hash: `v2:${String(at).repeat(64)}`, content: { ...content, layers } }, { pushes });
    });
    while (opened < 4) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    go();
    for (const name of await Promise.all([first, ...others])) expect(await layersAt(name)).toEqual([packed]);
  });

  test("an image of another registry is no source", async () => {
    const elsewhere = "registry.elsewhere.test/daytona/agent-20260101000000000:v2-0";
    await push(imageOf(contentsOf(1, KIB)), { earlier: [elsewhere, "ubuntu:24.04"] });
    expect(registry.seen.filter(({ url }) => url.includes("elsewhere") || url.includes("ubuntu"))).toEqual([]);
  });

  describe("a damaged layer", () => {
    const broken = (after: number): LocalImage => {
      const [content] = contentsOf(1, 40 * MIB) as [Buffer];
      const image = imageOf([Buffer.from("one"), content]);
      const stream = (): Readable =>
        Readable.from(
          (function* () {
            yield content.subarray(0, after);
            throw Object.assign(new Error("the layer does not match its digest"), { code: "EIO" });
          })(),
          { objectMode: false },
        );
      return {
        ...image,
        content: {
          kind: "archive",
          config: Buffer.from("{}"),
          manifest: null,
          layers: [layerOf(Buffer.from("one")), { ...layerOf(content), open: stream }],
        },
      };
    };

    test.each([
      ["in its first request", 1 * MIB, 0],
      ["in a later one", 20 * MIB, 1],
    ])("ends its upload, and there is no manifest (%s)", async (_, after, patches) => {
      await expect(push(broken(after))).rejects.toThrow("cannot read the image archive");
      expect(registry.count("PATCH", "")).toBe(patches);
      expect(registry.count("DELETE", "/blobs/uploads/", 204)).toBeGreaterThanOrEqual(1);
      expect(registry.count("PUT", "/manifests/")).toBe(0);
    });
  });

  describe("an image in an engine", () => {
    let pushed: string[];
    beforeEach(() => void (pushed = []));
    const [layer] = contentsOf(1, 20 * KIB) as [Buffer];
    /** Pushes as an engine does, all of it each time. */
    const engine: ImageEngine = {
      where: "the engine at unix:///engine.sock",
      tag: () => Promise.resolve(),
      untag: () => Promise.resolve(),
      async push(name) {
        pushed.push(name);
        const [, repository, tag] = /^[^/]+\/(.*):(.*)$/.exec(name)!;
        const at = `http://${real.host}/v2/${repository}`;
        const config = Buffer.from(JSON.stringify({ os: "linux", architecture: "amd64" }));
        for (const blob of [layer, config]) {
          const { headers } = await fetch(`${at}/blobs/uploads/`, { method: "POST" });
          const url = `${headers.get("location")}&digest=${digestOf(blob)}`;
          expect((await fetch(url, { method: "PUT", body: new Uint8Array(blob) })).status).toBe(201);
        }
        const type = "application/vnd.oci.image.manifest.v1+json";
        const of = (blob: Buffer, mediaType: string) => ({ mediaType, digest: digestOf(blob), size: blob.length });
        const manifest = {
          schemaVersion: 2,
          mediaType: type,
          config: of(config, "application/vnd.oci.image.config.v1+json"),
          layers: [of(layer, "application/vnd.oci.image.layer.v1.tar")],
        };
        const answer = await fetch(`${at}/manifests/${tag}`, {
          method: "PUT",
          headers: { "content-type": type },
          body: JSON.stringify(manifest),
        });
        expect(answer.status).toBe(201);
      },
    };
    const image = (): LocalImage => ({
      written: "agent:dev",
      hash: `v2:${"e".repeat(64)}`,
      content: { kind: "engine", engine, id: "sha256:1" },
    });

    test("is pushed once, even if four ask for it; the others take it over in the registry", async () => {
      const pushes = new Pushes();
      const names = await Promise.all(Array.from({ length: 4 }, () => push(image(), { pushes })));
      expect(new Set(names).size).toBe(4);
      expect(pushed).toHaveLength(1);
      for (const name of names) expect(await layersAt(name)).toEqual([layer]);
      expect(registry.blobBytes()).toBe(0);
    });

    test.each<[string, Counting["fault"]]>([
      ["does not mount", ({ url }) => (url!.includes("mount=") ? 405 : null)],
      [
        "has not got the manifest any more",
        ({ method, url }) => (method === "GET" && url!.includes("sha256:") ? 404 : null),
      ],
      ["cannot be reached by this process", ({ method }) => (method === "GET" ? "reset" : null)],
    ])("is pushed again where the registry %s", async (_, fault) => {
      const pushes = new Pushes();
      await push(image(), { pushes });
      registry.fault = fault;
      expect(await layersAt(await push(image(), { pushes }))).toEqual([layer]);
      expect(pushed).toHaveLength(2);
    });

    test("that the first of four could not push is pushed by the next", async () => {
      const pushes = new Pushes();
      let failed = false;
      const failing: ImageEngine = {
        ...engine,
        push: (...args) => (failed ? engine.push(...args) : ((failed = true), Promise.reject(new Error("planted")))),
      };
      const one = (): Promise<string> =>
        push({ ...image(), content: { kind: "engine", engine: failing, id: "sha256:1" } }, { pushes });
      const results = await Promise.allSettled([one(), one(), one()]);
      expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
      expect(pushed).toHaveLength(1);
    });
  });

  describe("in the lifecycle", () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "only-new-"));
      writeFolder(join(folder, "layout"), ociFiles([{ text: "one" }]));
      writeFolder(join(folder, "other"), ociFiles([{ text: "two" }]));
    });
    afterAll(() => rmSync(folder, { recursive: true }));
    const started = () => bench({ registry: { url: registry.host, username: "user", secret: "secret" } });
    const planned = (name: string, image = "layout") =>
      plan(null, {}, { name, localImage: `oci:${join(folder, image)}` }).planned;
    const manifests = (): number => registry.count("PUT", "/manifests/", 201);

    test("a create that is made again uses its push, as long as the registry has it", async () => {
      const b = await started();
      try {
        for (const lost of [false, true]) {
          registry.seen = [];
          b.local.control.reset();
          b.local.control.source({
            name: `again-${lost}`,
            times: 1,
            outcome: "fail",
            reason: "An operation is already in progress for this resource",
          });
          registry.fault = ({ method, url }) =>
            lost && method === "HEAD" && url!.includes("/manifests/sha256:") ? 404 : null;
          const record = recordOf(await b.another().create(planned(`again-${lost}`), context()));
          expect([manifests(), registry.count("HEAD", "/manifests/sha256:")]).toEqual([lost ? 2 : 1, 1]);
          // The blobs are there in any case.
          expect(registry.count("PUT", "/blobs/uploads/", 201)).toBeLessThanOrEqual(2);
          expect(await layersAt(record.imageName!)).toHaveLength(1);
        }
      } finally {
        await b.close();
      }
    });

    test("a create after one that became active has a repository of its own, to which nothing is sent", async () => {
      const b = await started();
      try {
        const first = recordOf(await b.lifecycle.create(planned("first"), context()));
        registry.seen = [];
        const second = recordOf(await b.lifecycle.create(planned("second"), context()));
        expect(second.imageName).not.toBe(first.imageName);
        expect([registry.blobBytes(), manifests()]).toEqual([0, 1]);
      } finally {
        await b.close();
      }
    });

    test("a create that is refused uses its push the next time", async () => {
      const b = await started();
      try {
        recordOf(await b.lifecycle.create(planned("taken"), context()));
        registry.seen = [];
        const refused = await b.lifecycle.create({ ...planned("cpus"), cpu: 10_000 } as never, context());
        expect(text(refused.error)).not.toBe("");
        expect(manifests()).toBe(1);
        recordOf(await b.lifecycle.create(planned("free"), context()));
        expect(manifests()).toBe(1);
      } finally {
        await b.close();
      }
    });

    test("a create whose pull hangs, deleted and created again by another process, sends no layer again", async () => {
      const b = await started();
      try {
        b.local.control.source({ name: "hangs", outcome: "hang", times: 1 });
        const late = await b.lifecycle.create(planned("hangs"), context({ timeoutMs: 3000 }));
        expect(late.error?.summary).toContain("timed out");
        const left = late.record!;
        registry.seen = [];
        const next = b.another();
        expect(await next.delete(left, {}, context())).toMatchObject({ record: null });
        b.local.control.finishHung();
        recordOf(await next.create(planned("hangs"), context()));
        expect(registry.count("POST", `from=${encodeURIComponent(repositoryOf(left.imageName!))}`)).toBeGreaterThan(0);
        expect([registry.blobBytes(), manifests()]).toEqual([0, 1]);
      } finally {
        await b.close();
      }
    });

    test("a swap mounts from the old snapshot's image, and its second create from the first", async () => {
      const b = await started();
      try {
        const old = recordOf(await b.lifecycle.create(planned("agent"), context()));
        registry.seen = [];
        const program = written({ name: "agent", localImage: `oci:${join(folder, "other")}` });
        const { source } = (await createSourceReader().prepare(program, (name) => name))!;
        const next = planSnapshot({
          prior: old,
          marks: {},
          written: { ...program, prepared: source },
          providerRegion: null,
          words: toolWords(),
        });
        expect(next.action).toBe("swap");
        recordOf(await b.another().update(old, {}, next.planned, context()));
        expect(registry.count("POST", `from=${encodeURIComponent(repositoryOf(old.imageName!))}`)).toBeGreaterThan(0);
        // A layer and a configuration, once.
        expect(registry.count("PUT", "/blobs/uploads/", 201)).toBe(2);
        expect(manifests()).toBe(2);
      } finally {
        await b.close();
      }
    });
  });
});
