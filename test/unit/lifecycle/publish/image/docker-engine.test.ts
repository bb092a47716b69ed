import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { planSnapshot, type SnapshotInputs, type SnapshotRecord } from "../../../../../provider/resources/snapshot";
import { createSourceReader } from "../../../../../provider/source/source-reader";
import { toolWords } from "../../../../../provider/terraform/words";
import { writeFolder, writeTar } from "../../../source/local-image/images";
import { digestOf, gzipped, layoutOf, savedOf, tarOf, zstded } from "../../../source/local-image/made";
import { bench, type Bench, context, recordOf, text, told, written } from "../../support";
import { DOCKER_ENGINES, type Docker, startDocker, withTools } from "./docker";
import { type Registry, startRegistry } from "./real";

const SECRET = "planted-registry-secret";
jest.setTimeout(60_000);

for (const { name: engineName, dockerd } of DOCKER_ENGINES)
  withTools(
    [dockerd, "docker", "docker-registry", "htpasswd"],
    engineName,
    () => {
      let engine: Docker;
      let open: Registry;
      let closed: Registry;
      let folder: string;
      let b: Bench;
      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), "docker-engine-"));
        [engine, open, closed] = await Promise.all([
          startDocker(dockerd),
          startRegistry(),
          startRegistry({ username: "planted-robot", password: SECRET }),
        ]);
        engine.build("acme/agent:dev", { "bin/agent": "one\n", "etc/agent": "x".repeat(100_000) }, [
          "ENV MODE=fast",
          'CMD ["/bin/agent"]',
        ]);
      }, 90_000);
      afterAll(async () => {
        await Promise.all([engine.stop(), open.stop(), closed.stop()]);
        rmSync(folder, { recursive: true, force: true });
      }, 60_000);
      const use = async (registry: Registry, secret = SECRET): Promise<void> =>
        void (b = await bench({ registry: { url: registry.host, username: "planted-robot", secret } }));
      afterEach(() => b.close());

      const reader = (host = engine.host) =>
        createSourceReader({ cwd: folder, env: { DOCKER_HOST: host, HOME: folder } });
      async function planned(prior: SnapshotRecord | null, inputs: Partial<SnapshotInputs>, from = reader()) {
        const program = written(inputs);
        const build = await from.prepare(program, (name) => name);
        return planSnapshot({
          prior,
          marks: {},
          written: { ...program, ...(build ? { prepared: build.source } : {}) },
          providerRegion: null,
          words: toolWords(),
        });
      }
      /** Creates with the engine that the program's process knows. */
      async function create(inputs: Partial<SnapshotInputs>, heard = told()) {
        const { planned: plan } = await planned(null, inputs);
        const before = process.env["DOCKER_HOST"];
        process.env["DOCKER_HOST"] = engine.host;
        try {
          return await b.lifecycle.create(plan, context({}, heard));
        } finally {
          if (before === undefined) delete process.env["DOCKER_HOST"];
          else process.env["DOCKER_HOST"] = before;
        }
      }
      const layersOf = (image: string): unknown =>
        (JSON.parse(engine.docker("image", "inspect", image)) as { RootFS: unknown }[])[0]!.RootFS;

      test("an image is pushed by the engine; the tag made for that is gone; the next plan is empty; Docker can pull it", async () => {
        await use(open);
        const inputs = { name: "agent", localImage: "acme/agent:dev", entrypoint: ["/bin/agent"] };
        const heard = told();
        const record = recordOf(await create(inputs, heard));
        expect(record.state).toBe("active");
        expect(record.imageName).toMatch(
          new RegExp(`^${open.host}/daytona/agent-\\d{17}:v2-${String(record.sourceHash).slice(3)}$`),
        );
        expect(heard.progress).toContain(`pushing the local image "acme/agent:dev" to ${open.host}`);
        expect(engine.docker("image", "ls", "--format", "{{.Repository}}")).not.toContain(open.host);
        expect((await planned(record, inputs)).action).toBe("none");
        const before = layersOf("acme/agent:dev");
        const image = String(record.imageName);
        engine.docker("pull", "-q", image);
        expect(layersOf(image)).toEqual(before);
        engine.docker("rmi", image);
      });

      test("new content under the same name is a change; the same content under another name is none", async () => {
        await use(open);
        engine.build("acme/moving:dev", { file: "one" });
        const inputs = { name: "moving", localImage: "acme/moving:dev" };
        const prior = recordOf(await create(inputs));
        engine.docker("tag", "acme/moving:dev", "acme/moved:dev");
        expect((await planned(prior, { ...inputs, localImage: "acme/moved:dev" })).action).toBe("none");
        engine.build("acme/moving:dev", { file: "two" });
        expect(await planned(prior, inputs)).toMatchObject({ action: "swap", changed: ["sourceHash"] });
      });

      test("what `docker save` writes is the same image, also with gzip, and is pushed without the engine", async () => {
        await use(open);
        engine.docker("save", "-o", join(folder, "agent.tar"), "acme/agent:dev");
        writeFileSync(join(folder, "agent.tar.gz"), gzipSync(readFileSync(join(folder, "agent.tar"))));
        // Docker itself takes it.
        expect(engine.docker("load", "-i", join(folder, "agent.tar.gz"))).toContain("acme/agent:dev");
        const { sourceHash } = (await planned(null, { name: "agent", localImage: "acme/agent:dev" })).planned;
        for (const file of ["agent.tar", "agent.tar.gz"]) {
          const localImage = `docker-archive:${join(folder, file)}`;
          const record = recordOf(await create({ name: file.replaceAll(".", "-"), localImage }));
          expect(record.sourceHash).toBe(sourceHash);
          const image = String(record.imageName);
          expect(engine.docker("pull", "-q", image).trim()).toBe(image);
          expect(layersOf(image)).toEqual(layersOf("acme/agent:dev"));
          engine.docker("rmi", image);
        }
      });

      test("of several images of one `docker save`, the full name chooses", async () => {
        await use(open);
        engine.build("acme/one:dev", { file: "one" });
        engine.build("acme/two:dev", { file: "two" });
        engine.docker("save", "-o", join(folder, "both.tar"), "acme/one:dev", "acme/two:dev");
        const hash = async (localImage: string): Promise<unknown> =>
          (await planned(null, { name: "x", localImage })).planned.sourceHash;
        const archive = `docker-archive:${join(folder, "both.tar")}`;
        expect(await hash(`${archive}:acme/two:dev`)).toBe(await hash("acme/two:dev"));
        expect(await hash(`${archive}:docker.io/acme/one:dev`)).toBe(await hash("acme/one:dev"));
        await expect(hash(`${archive}:dev`)).rejects.toMatchObject({
          notice: { detail: expect.stringContaining('has 2 images that match "dev".') as string },
        });
      });

      // Debian's engine keeps no layer as it was pulled, and cannot pull zstd.
      if (dockerd !== "dockerd")
        test("layers that the engine keeps with zstd are saved as they are, and pushed as what they are", async () => {
          await use(open);
          writeFolder(join(folder, "zstd"), layoutOf({ layers: [zstded("a"), gzipped("b")] }));
          const first = recordOf(await create({ name: "first", localImage: `oci:${join(folder, "zstd")}` }));
          engine.docker("pull", "-q", String(first.imageName));
          engine.docker("tag", String(first.imageName), "acme/zstd:1");
          engine.docker("save", "-o", join(folder, "zstd.tar"), "acme/zstd:1");
          const record = recordOf(
            await create({ name: "second", localImage: `docker-archive:${join(folder, "zstd.tar")}` }),
          );
          expect(record.sourceHash).toBe(first.sourceHash);
          const [, repository, tag] = /^[^/]+\/(.*):(.*)$/.exec(String(record.imageName))!;
          const manifest = await (await open.get(`/v2/${repository}/manifests/${tag}`)).json();
          expect(manifest).toMatchObject({
            layers: [zstded("a"), gzipped("b")].map(({ bytes, mediaType }) => ({ mediaType, digest: digestOf(bytes) })),
          });
          const before = layersOf("acme/zstd:1");
          engine.docker("rmi", "-f", "acme/zstd:1", String(first.imageName));
          engine.docker("pull", "-q", String(record.imageName));
          expect(layersOf(String(record.imageName))).toEqual(before);
        });

      test("an image that is not there, and one for another platform", async () => {
        await use(open);
        await expect(planned(null, { name: "x", localImage: "acme/none:1" })).rejects.toMatchObject({
          notice: {
            detail: `The local image "acme/none:1" does not exist in the engine at ${engine.host}. Run \`docker image ls\` to list its images. If it is in a registry, run \`docker pull --platform linux/amd64 acme/none:1\`, or use image instead of localImage.`,
          },
        });
        const layers = [{ bytes: tarOf("arm"), name: "arm/layer.tar" }];
        writeTar(
          join(folder, "arm.tar"),
          savedOf({ tags: ["acme/arm:1"], layers, config: { architecture: "arm64", variant: "v8" } }),
        );
        engine.docker("load", "-i", join(folder, "arm.tar"));
        await expect(planned(null, { name: "x", localImage: "acme/arm:1" })).rejects.toMatchObject({
          notice: {
            detail: expect.stringMatching(
              /^The local image "acme\/arm:1" is for linux\/arm64(\/v8)?, but sandboxes run linux\/amd64\./,
            ) as string,
          },
        });
      });

      test("what the engine says of a registry that refuses is told, without the credentials; nothing is created", async () => {
        await use(closed, "wrong");
        const heard = told();
        const outcome = await create({ name: "agent", localImage: "acme/agent:dev" }, heard);
        expect(outcome.record).toBeNull();
        expect(b.local.control.counts()).not.toMatchObject({ create: expect.any(Number) as number });
        expect(text(outcome.error)).toMatch(
          /^creating snapshot "agent": the registry denied the push\nThe engine at unix:.* could not push "acme\/agent:dev" to 127\.0\.0\.1:\d+: .*(unauthorized|authentication required|no basic auth credentials)/i,
        );
        expect(JSON.stringify([outcome, heard])).not.toMatch(/"wrong"|planted-robot|:wrong/);
        expect(engine.docker("image", "ls", "--format", "{{.Repository}}")).not.toContain(closed.host);
      });
    },
    { root: true },
  );
