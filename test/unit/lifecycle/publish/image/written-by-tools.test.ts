import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Failure } from "../../../../../provider/lifecycle/call/errors";
import { systemClock } from "../../../../../provider/lifecycle/call/system-clock";
import { pushImage } from "../../../../../provider/lifecycle/publish/image/push-image";
import { readLocalImage } from "../../../../../provider/source/local-image/read-local-image";
import { writeFolder, writeTar } from "../../../source/local-image/images";
import {
  byDigest,
  gzipped,
  layoutOf,
  type MadeLayer,
  savedOf,
  tarOf,
  zstded,
  zstdOf,
} from "../../../source/local-image/made";
import { missingTools, withTools } from "./docker";
import { type Podman, type Registry, startPodman, startRegistry } from "./real";

const crane = process.env["DAYTONA_IAC_CRANE"] || "crane";
jest.setTimeout(60_000);

withTools(["podman", "docker-registry", "htpasswd", "skopeo", "buildah"], "images as tools write them", () => {
  let folder: string;
  let registry: Registry;
  let engine: Podman;
  /** The source hash of the image, as the engine has it. */
  let expected: string;
  /** Its base in the registry. */
  let base: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "written-by-tools-"));
    [registry, engine] = await Promise.all([startRegistry(), startPodman()]);
    engine.build("acme/agent:1", { "bin/agent": "agent\n", "etc/large": "x".repeat(200_000) }, ['CMD ["/bin/agent"]']);
    base = `${registry.host}/acme/agent:1`;
    engine.podman("push", "-q", "--tls-verify=false", "acme/agent:1", base);
    expected = (await read("acme/agent:1")).hash;
  }, 60_000);
  afterAll(async () => {
    await Promise.all([engine.stop(), registry.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const at = (name: string): string => join(folder, name);
  function run(command: string, ...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8", cwd: folder });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
    return stdout;
  }
  const skopeo = (...args: string[]): string => run("skopeo", "copy", "-q", "--src-tls-verify=false", ...args);
  const buildah = (...args: string[]): string =>
    run("buildah", "--root", at("buildah"), "--runroot", at("buildah-run"), "--storage-driver", "vfs", ...args);
  const read = (written: string) =>
    readLocalImage(written, folder, { env: { DOCKER_HOST: engine.host }, home: folder, platform: "linux" });
  async function push(written: string): Promise<string> {
    const image = await read(written);
    return pushImage({
      image,
      access: { username: "u", secret: "s", registryUrl: registry.host, project: "daytona" },
      clock: systemClock,
      signal: new AbortController().signal,
      log: { debug: () => undefined, progress: () => undefined },
      doing: 'creating snapshot "agent"',
      env: {},
    });
  }
  /** Pulls into a store of its own, so that nothing is there already; podman checks every digest and every unpacked layer. */
  function pulled(name: string): { RootFS: unknown; Config: unknown } {
    const store = mkdtempSync(at("store-"));
    const own = ["--root", join(store, "root"), "--runroot", join(store, "run"), "--storage-driver", "vfs"];
    run("podman", ...own, "pull", "-q", "--tls-verify=false", name);
    const [{ RootFS, Config }] = JSON.parse(run("podman", ...own, "image", "inspect", name)) as [
      ReturnType<typeof pulled>,
    ];
    return { RootFS, Config };
  }
  const inEngine = (): ReturnType<typeof pulled> => {
    const [{ RootFS, Config }] = JSON.parse(engine.podman("image", "inspect", "acme/agent:1")) as [
      ReturnType<typeof pulled>,
    ];
    return { RootFS, Config };
  };
  async function mediaTypes(name: string): Promise<string[]> {
    const [, repository, tag] = /^[^/]+\/(.*):(.*)$/.exec(name)!;
    const { layers } = (await (await registry.get(`/v2/${repository}/manifests/${tag}`)).json()) as {
      layers: { mediaType: string }[];
    };
    return [...new Set(layers.map(({ mediaType }) => mediaType.replace("application/vnd.oci.image.layer.v1.", "")))];
  }
  const zstd = ["--dest-compress", "--dest-compress-format", "zstd", "--dest-compress-level", "3"];

  test.each<[string, string, () => void, string]>([
    ["skopeo: an OCI archive", "oci-archive:s.tar", () => skopeo(`docker://${base}`, "oci-archive:s.tar"), "tar+gzip"],
    ["skopeo: an OCI layout with a tag", "oci:s:1.0", () => skopeo(`docker://${base}`, "oci:s:1.0"), "tar+gzip"],
    ["skopeo: an OCI layout with zstd", "oci:z", () => skopeo(...zstd, `docker://${base}`, "oci:z"), "tar+zstd"],
    [
      "skopeo: a `docker save` archive",
      "docker-archive:sd.tar",
      () => skopeo(`docker://${base}`, "docker-archive:sd.tar:acme/agent:1"),
      "tar+gzip",
    ],
    [
      "skopeo and gzip: a packed `docker save` archive",
      "docker-archive:packed.tar.gz:acme/agent:1",
      () => {
        skopeo(`docker://${base}`, "docker-archive:packed.tar:acme/agent:1");
        writeFileSync(at("packed.tar.gz"), gzipSync(readFileSync(at("packed.tar"))));
      },
      "tar+gzip",
    ],
    [
      "buildah: an OCI archive and a `docker save` archive",
      "oci-archive:b.tar",
      () => {
        buildah("pull", "-q", "--tls-verify=false", base);
        buildah("push", "-q", base, "oci-archive:b.tar:acme/agent:1");
        buildah("push", "-q", base, "docker-archive:bd.tar:acme/agent:1");
      },
      "tar+gzip",
    ],
    ["the latter", "docker-archive:bd.tar", () => undefined, "tar+gzip"],
  ])("%s", async (_what, written, write, mediaType) => {
    write();
    expect((await read(written)).hash).toBe(expected);
    const name = await push(written);
    expect(pulled(name)).toEqual(inEngine());
    expect(await mediaTypes(name)).toEqual([mediaType]);
  });

  test("buildah: a list of platforms, amd64/v3 first", async () => {
    for (const variant of ["v3", ""]) {
      writeFileSync(at("Dockerfile"), `FROM scratch\nCOPY Dockerfile /${variant || "base"}\n`);
      const platform = variant === "" ? [] : ["--variant", variant];
      buildah(
        "build",
        "-q",
        "--timestamp=0",
        "--os=linux",
        "--arch=amd64",
        ...platform,
        "-t",
        `list-${variant || "base"}`,
        folder,
      );
    }
    buildah("manifest", "create", "list");
    buildah("manifest", "add", "--variant", "v3", "list", "localhost/list-v3");
    buildah("manifest", "add", "list", "localhost/list-base");
    buildah("manifest", "push", "-q", "--all", "list", "oci:list");
    const { content, warnings } = await read("oci:list");
    expect(warnings).toEqual([]);
    if (content.kind !== "archive") throw new Error("an archive was expected");
    expect(JSON.parse(content.config.toString())).not.toHaveProperty("variant");
    expect(pulled(await push("oci:list"))).toHaveProperty("RootFS");
  });

  const withCrane = missingTools([crane]).length === 0 ? test : test.skip;
  withCrane.each<[string, string, () => void, string]>([
    [
      "a `docker save` archive of an image with zstd",
      "docker-archive:cz.tar",
      () => {
        // From one registry to another, skopeo would take the layers that are there.
        skopeo(...zstd, `docker://${base}`, "oci:for-crane");
        skopeo("--dest-tls-verify=false", "oci:for-crane", `docker://${registry.host}/zstd/agent:1`);
        run(crane, "--insecure", "pull", `${registry.host}/zstd/agent:1`, "cz.tar");
      },
      "tar+zstd",
    ],
    [
      "a `docker save` archive with gzip",
      "docker-archive:cg.tar",
      () => run(crane, "--insecure", "pull", base, "cg.tar"),
      "tar+gzip",
    ],
    [
      "an OCI layout that lists the image twice",
      "oci:c",
      () => {
        for (let time = 0; time < 2; time += 1) run(crane, "--insecure", "pull", "--format=oci", base, "c");
        expect(JSON.parse(readFileSync(at("c/index.json"), "utf8"))).toMatchObject({ manifests: [{}, {}] });
      },
      "tar+gzip",
    ],
  ])(
    `crane: %s${missingTools([crane]).length === 0 ? "" : " (not on PATH: crane)"}`,
    async (_what, written, write, mediaType) => {
      write();
      expect((await read(written)).hash).toBe(expected);
      const name = await push(written);
      expect(pulled(name)).toEqual(inEngine());
      expect(await mediaTypes(name)).toEqual([mediaType]);
    },
  );

  withCrane("crane: zstd appended to an image of Docker's types, which then has types of both", async () => {
    skopeo(
      "--dest-tls-verify=false",
      "--format=v2s2",
      `docker://${base}`,
      `docker://${registry.host}/acme/agent:docker`,
    );
    writeFileSync(at("more.tar.zst"), zstdOf(tarOf("more")));
    run(
      crane,
      "--insecure",
      "append",
      "-b",
      `${registry.host}/acme/agent:docker`,
      "-f",
      "more.tar.zst",
      "-t",
      `${registry.host}/acme/agent:more`,
    );
    run(crane, "--insecure", "pull", "--format=oci", `${registry.host}/acme/agent:more`, "more");
    const name = await push("oci:more");
    expect((pulled(name).RootFS as { Layers: string[] }).Layers).toHaveLength(
      (inEngine().RootFS as { Layers: string[] }).Layers.length + 1,
    );
    expect(await mediaTypes(name)).toEqual(["tar+gzip", "tar+zstd"]);
  });

  const other = `sha256:${createHash("sha256").update("other").digest("hex")}`;
  test.each<[string, string, () => void, string | RegExp]>([
    [
      "docker-archive with plain layers",
      "docker-archive:wrong-x.tar",
      () =>
        writeTar(at("wrong-x.tar"), savedOf({ layers: [{ bytes: tarOf("a"), diffId: other, name: "a/layer.tar" }] })),
      /has the digest sha256:\w+, but the configuration of the image says sha256:\w+\./,
    ],
    [
      "docker-archive with gzip",
      "docker-archive:wrong-y.tar",
      () => writeTar(at("wrong-y.tar"), savedOf({ layers: [{ ...gzipped("a"), diffId: other, name: "a/layer.tar" }] })),
      /unpacks to sha256:\w+, but the configuration of the image says sha256:\w+\./,
    ],
    [
      "docker-archive with zstd",
      "docker-archive:wrong-z.tar",
      () => {
        const layer: MadeLayer & { name: string } = byDigest(zstded("a"), "crane");
        writeTar(at("wrong-z.tar"), savedOf({ layers: [{ ...layer, bytes: zstded("b").bytes }] }));
      },
      /has the digest sha256:\w+, but its manifest says sha256:\w+\./,
    ],
    [
      "docker-archive.gz",
      "docker-archive:wrong-w.tar.gz",
      () => {
        writeTar(at("wrong-w.tar"), savedOf({ layers: [{ bytes: tarOf("a"), diffId: other, name: "a/layer.tar" }] }));
        writeFileSync(at("wrong-w.tar.gz"), gzipSync(readFileSync(at("wrong-w.tar"))));
      },
      /has the digest sha256:\w+, but the configuration of the image says sha256:\w+\./,
    ],
    [
      "oci with a content that is another",
      "oci:wrong",
      () => writeFolder(at("wrong"), layoutOf({ layers: [gzipped("first"), { ...gzipped("a"), diffId: other }] })),
      /unpacks to sha256:\w+, but the configuration of the image says sha256:\w+\./,
    ],
    [
      "oci-archive with bytes that are others",
      "oci-archive:wrong-v.tar",
      () => {
        const layer = gzipped("a");
        const files = layoutOf({ layers: [layer] });
        const [name] = Object.entries(files).find(([, bytes]) => bytes === layer.bytes)!;
        const damaged = Buffer.from(layer.bytes);
        damaged[20]! ^= 1;
        writeTar(at("wrong-v.tar"), { ...files, [name]: damaged });
      },
      /has the digest sha256:\w+, but its manifest says sha256:\w+\./,
    ],
  ])("a wrong layer never makes an image in the registry: %s", async (_what, written, write, message) => {
    write();
    const error: unknown = await push(written).catch((it: unknown) => it);
    if (!(error instanceof Failure)) throw error;
    expect(error.notice.summary).toBe('creating snapshot "agent": the image archive is damaged');
    expect(error.notice.detail).toMatch(message);
    expect(error.notice.detail).toMatch(/^A layer of "[^"]+" .* No snapshot was created\. Write the archive again\.$/);
    const { repositories } = (await (await registry.get("/v2/_catalog?n=1000")).json()) as { repositories: string[] };
    const name = written.replace(/^.*:/, "").replace(/\..*$/, "");
    for (const repository of repositories.filter((one) => one.startsWith(`daytona/${name}-`))) {
      const { tags } = (await (await registry.get(`/v2/${repository}/tags/list`)).json()) as { tags?: string[] | null };
      expect([repository, tags ?? []]).toEqual([repository, []]);
    }
  });
});
