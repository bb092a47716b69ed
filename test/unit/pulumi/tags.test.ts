import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import type { Bag } from "../../../provider/pulumi/shared";
import { type Face, dynamicFace, nativeFace } from "./faces";

/** Tags that move between the calls of an engine. A face that is opened is a process of its own: the preview's, or that of `up`. */

let api: LocalApi;
let registry: Server;
let image: string;
/** What the tag names; null: the registry is down. */
let content: string | null = "a";
let asked = 0;
let open: Face[] = [];
const manifest = (of: string): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf(of, false), size: 2 },
    layers: [],
  });
function digestOf(text: string, named = true): string {
  const hashed = named ? manifest(text) : text;
  return `sha256:${createHash("sha256").update(hashed).digest("hex")}`;
}

beforeAll(async () => {
  api = await startLocalApi({ pullSeconds: 0.05, buildSeconds: 0.05, cronSeconds: 0.05 });
  registry = createServer((_request, response) => {
    asked += 1;
    if (content === null) return response.writeHead(403).end();
    response.writeHead(200, { "content-type": "application/vnd.oci.image.manifest.v1+json" }).end(manifest(content));
  });
  await new Promise<void>((done) => registry.listen(0, "127.0.0.1", done));
  image = `127.0.0.1:${(registry.address() as AddressInfo).port}/team/app:1`;
});
beforeEach(() => {
  content = "a";
  asked = 0;
});
afterEach(() => {
  for (const face of open) face.close();
  open = [];
  api.control.reset();
});
afterAll(async () => {
  registry.close();
  await api.close();
});

describe.each([
  ["dynamic", dynamicFace],
  ["native", nativeFace],
])("%s", (name, make) => {
  /** The host of dynamic providers shows no details. */
  const details = (shown: Record<string, string>) => (name === "native" ? shown : null);
  const face = (resolveTags = "true"): Face => {
    const made = make({
      DAYTONA_API_URL: api.apiUrl,
      DAYTONA_API_KEY: api.apiKey,
      DAYTONA_RESOLVE_TAGS: resolveTags,
      HOME: "/nonexistent",
    });
    open.push(made);
    return made;
  };
  const made = async (more: Bag = {}): Promise<{ news: Bag; state: Bag }> => {
    const first = face();
    const news = await first.check({ name: "agent", image, ...more });
    return { news, state: await first.create(news) };
  };
  const built = (): string | null | undefined => api.control.snapshot("agent")?.buildInfo?.dockerfileContent;

  test("a moved tag: a note, no change", async () => {
    const { news, state } = await made();
    expect(state).toMatchObject({ image, imageDigest: digestOf("a"), pinDigest: false, trackTag: false });
    expect(await face().refresh(state)).toEqual(state);
    content = "b";
    expect(await face().changes(state, news)).toBe(false);
    expect(await face().warns(state, news)).toEqual([
      expect.stringMatching(
        `^The tag of snapshot "agent" has moved\n${image} was ${digestOf("a")} when the snapshot was created, and is ${digestOf("b")} now\\.`,
      ),
    ]);
  });

  test("pinDigest: created from the digest; any other change keeps it, another image or triggers take the new one", async () => {
    const { news, state } = await made({ pinDigest: true });
    expect(built()).toBe(`FROM ${image}@${digestOf("a")}\n# daytona-iac image\n`);
    expect(state).toMatchObject({ image, imageDigest: digestOf("a"), imageName: "" });
    content = "b";
    const bigger = await face().update(state, { ...news, cpu: 2 });
    expect(built()).toContain(digestOf("a"));
    expect(bigger).toMatchObject({ imageDigest: digestOf("a"), cpu: 2 });
    const anew = await face().update(bigger, { ...news, cpu: 2, triggers: { week: "2" } });
    expect(built()).toContain(digestOf("b"));
    expect(anew).toMatchObject({ imageDigest: digestOf("b") });
  });

  test("trackTag: a moved tag is a change, and what Diff said is what its Update does, even if the tag moves in between", async () => {
    const { news, state } = await made({ trackTag: true });
    expect(await face().changes(state, news)).toBe(false);
    content = "b";
    const up = face();
    expect(await up.diff(state, news)).toEqual({ replaces: [], detailed: details({ imageDigest: "UPDATE" }) });
    content = "c";
    expect(await up.update(state, news)).toMatchObject({ imageDigest: digestOf("b") });
    expect(built()).toContain(digestOf("b"));
    // The next run sees it.
    const next = face();
    expect(await next.diff({ ...state, imageDigest: digestOf("b") }, news)).toMatchObject({
      detailed: details({ imageDigest: "UPDATE" }),
    });
  });

  test.each(["true", "false"])("a replacement keeps what Diff said, with resolveTags %s", async (resolveTags) => {
    const { news, state } = await made({ pinDigest: true, replacement: "recreate" });
    content = "b";
    const up = face(resolveTags);
    const bigger = { ...news, cpu: 2 };
    expect(await up.diff(state, bigger)).toEqual({ replaces: ["cpu"], detailed: details({ cpu: "UPDATE_REPLACE" }) });
    content = "c";
    await up.remove(state);
    expect(await up.create(bigger)).toMatchObject({ imageDigest: digestOf("a") });
    expect(built()).toContain(digestOf("a"));
  });

  test("a replacement whose digest nobody knows is no replacement, and the update refuses before it changes anything", async () => {
    const { news, state } = await made({ pinDigest: true, replacement: "recreate" });
    content = null;
    const up = face();
    const other = { ...news, image: image.replace(/:1$/, ":2") };
    expect(await up.diff(state, other)).toMatchObject({ replaces: [] });
    expect(await face().warns(state, other)).toContainEqual(
      expect.stringMatching(/^The digest of .*:2 is not known yet\n/),
    );
    const before = api.control.snapshots();
    await expect(up.update(state, other)).rejects.toThrow(
      /^replacing snapshot "agent": the digest of .*:2 is unknown\n.* pinDigest is true, so the snapshot is not created from the tag\. Nothing was changed\./,
    );
    expect(api.control.snapshots()).toEqual(before);
  });

  test("off: no registry is asked, and nothing changes", async () => {
    const { news, state } = await made();
    asked = 0;
    const off = face("false");
    expect(await off.refresh(state)).toEqual(state);
    content = "b";
    expect(await off.changes(state, news)).toBe(false);
    expect(await off.warns(state, news)).toEqual([]);
    expect(await off.create(await off.check({ name: "other", image }))).not.toHaveProperty("imageDigest");
    expect(asked).toBe(0);
  });
});
