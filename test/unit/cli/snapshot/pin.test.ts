import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SnapshotService } from "../../../../provider";
import { commandLine } from "./run";

/** What the command line and the library say of a tag, and do with `--pin` and `pinDigest`. */

const { api, run } = commandLine();
const TYPE = "application/vnd.oci.image.manifest.v1+json";
const manifestOf = (content: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPE,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: `sha256:${content.repeat(64)}`, size: 2 },
    layers: [],
  });
const digestOf = (content: string): string =>
  `sha256:${createHash("sha256").update(manifestOf(content)).digest("hex")}`;
const digest = digestOf("a");

let registry: Server;
let image: string;
let answers = true;
/** What the tag names. */
let content = "a";
beforeAll(async () => {
  registry = createServer((_request, response) =>
    answers
      ? response.writeHead(200, { "content-type": TYPE }).end(manifestOf(content))
      : response.writeHead(403).end(),
  );
  await new Promise<void>((done) => registry.listen(0, "127.0.0.1", done));
  image = `127.0.0.1:${(registry.address() as AddressInfo).port}/team/app:1`;
});
beforeEach(() => void ((answers = true), (content = "a")));
afterAll(() => void registry.close());

const env = { DAYTONA_RESOLVE_TAGS: "true", HOME: "/nonexistent" };
const create = (...flags: string[]) =>
  run(["create", "agent", "--image", image, ...flags], {
    env: { DAYTONA_API_URL: api().apiUrl, DAYTONA_API_KEY: api().apiKey, ...env },
  });
const dockerfile = (): string | null | undefined => api().control.snapshot("agent")?.buildInfo?.dockerfileContent;

test("create says the digest, and --pin uses it", async () => {
  const plain = await create();
  expect(plain).toMatchObject({ code: 0, out: expect.stringContaining(`Image ${image} → ${digest}\n`) });
  expect(api().control.snapshot("agent")).toMatchObject({ imageName: image });
  api().control.reset();
  expect(await create("--pin")).toMatchObject({ code: 0 });
  expect(dockerfile()).toBe(`FROM ${image}@${digest}\n# daytona-iac image\n`);
});

test("as JSON: only the object is on stdout; -q says nothing beside it", async () => {
  const { out, err } = await create("--pin", "--format", "json");
  expect(JSON.parse(out)).toMatchObject({ name: "agent", state: "active" });
  expect(err).toContain(`Image ${image} → ${digest}\n`);
  api().control.reset();
  expect((await create("--format", "json", "-q")).err).toBe("");
});

test("a registry that cannot be asked: one sentence; an error before any request with --pin", async () => {
  answers = false;
  const { code, err } = await create();
  expect(code).toBe(0);
  expect(err.split("\n").filter((line) => line.includes("The digest of"))).toEqual([
    expect.stringMatching(`^The digest of ${image} is unknown: .*\\. Daytona pulls the tag itself\\.$`),
  ]);
  api().control.reset();
  for (const flags of [["--pin"], ["--pin", "--replace"]]) {
    api().control.clearRequests();
    const pinned = await create(...flags);
    expect(pinned.code).toBe(1);
    expect(pinned.err).toContain(`the digest of ${image} is unknown`);
    expect(pinned.err).toContain("With --pin, no snapshot is created from a tag. Nothing was changed.");
    expect(api().control.requests()).toEqual([]);
  }
});

test("replace with --pin keeps what is the same, and says that it was compared", async () => {
  expect((await create("--pin", "--replace")).code).toBe(0);
  const { id } = api().control.snapshot("agent")!;
  const again = await create("--pin", "--replace");
  expect(again.out).toContain("already matches. Nothing was changed.");
  expect(api().control.snapshot("agent")!.id).toBe(id);
});

describe("replace, and a tag that has moved", () => {
  test("with --pin: replaced by what the tag names now, whatever the present one was made from", async () => {
    for (const first of [["--pin"], []]) {
      api().control.reset();
      content = "a";
      expect((await create(...first)).code).toBe(0);
      const { id } = api().control.snapshot("agent")!;
      content = "b";
      const { code, out } = await create("--pin", "--replace");
      expect({ code, out }).toMatchObject({
        code: 0,
        out: expect.stringContaining(`Image ${image} → ${digestOf("b")}\n`) as string,
      });
      expect(api().control.snapshot("agent")!.id).not.toBe(id);
      expect(dockerfile()).toBe(`FROM ${image}@${digestOf("b")}\n# daytona-iac image\n`);
      expect(api().control.snapshots()).toHaveLength(1);
    }
  });

  test("without --pin: a moved tag is no change, as in a program without track_tag, and the digest that it names is told", async () => {
    expect((await create()).code).toBe(0);
    const { id } = api().control.snapshot("agent")!;
    content = "b";
    const { code, out } = await create("--replace");
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining(`Image ${image} → ${digestOf("b")}\n`) as string,
    });
    expect(out).toContain("already matches. Nothing was changed.");
    expect(api().control.snapshot("agent")!.id).toBe(id);
  });

  test("one that was made with --pin is what a replace without it asks for, as long as the tag has not moved", async () => {
    expect((await create("--pin")).code).toBe(0);
    const { id } = api().control.snapshot("agent")!;
    expect((await create("--replace")).out).toContain("already matches. Nothing was changed.");
    expect(api().control.snapshot("agent")!.id).toBe(id);
    content = "b";
    expect((await create("--replace")).code).toBe(0);
    expect(api().control.snapshot("agent")).toMatchObject({ imageName: image });
  });
});

describe("the library", () => {
  const before = process.env["DAYTONA_RESOLVE_TAGS"];
  beforeAll(() => void (process.env["DAYTONA_RESOLVE_TAGS"] = "true"));
  afterAll(() => {
    if (before === undefined) delete process.env["DAYTONA_RESOLVE_TAGS"];
    else process.env["DAYTONA_RESOLVE_TAGS"] = before;
  });
  const service = () => new SnapshotService({ apiKey: api().apiKey, apiUrl: api().apiUrl });

  test.each(["create", "replace"] as const)("%s with pinDigest uses the digest and tells it", async (method) => {
    const snapshots = service();
    const [lines, warnings]: [string[], string[]] = [[], []];
    const options = {
      onLogs: (line: string) => void lines.push(line),
      onWarning: (it: string) => void warnings.push(it),
    };
    await snapshots[method]({ name: "agent", image, pinDigest: true }, options);
    expect(dockerfile()).toBe(`FROM ${image}@${digest}\n# daytona-iac image\n`);
    expect(lines).toContainEqual(expect.stringMatching(`image ${image} → ${digest}$`));
    expect(warnings).toEqual([]);
    snapshots.close();
  });

  test.each(["create", "replace"] as const)(
    "%s with pinDigest makes nothing of a tag without a digest",
    async (method) => {
      answers = false;
      const snapshots = service();
      api().control.clearRequests();
      await expect(snapshots[method]({ name: "agent", image, pinDigest: true })).rejects.toThrow(
        `the digest of ${image} is unknown`,
      );
      expect(api().control.requests()).toEqual([]);
      snapshots.close();
    },
  );
});
