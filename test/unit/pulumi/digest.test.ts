import { type LocalApi, startLocalApi } from "../../../provider/local";
import { type Face, dynamicFace, nativeFace } from "./faces";

const image = `ghcr.io/acme/agent:1@sha256:${"3".repeat(64)}`;

let api: LocalApi;
beforeAll(async () => void (api = await startLocalApi({ pullSeconds: 0.05, buildSeconds: 0.05, cronSeconds: 0.05 })));
afterEach(() => api.control.reset());
afterAll(() => api.close());

/** No test asks registries of the internet. */
const opened = (face: (env: Record<string, string>) => Face): Face =>
  face({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, DAYTONA_RESOLVE_TAGS: "false" });

test.each([
  ["dynamic", dynamicFace],
  ["native", nativeFace],
])("%s: an image with a digest is made by a build, and stays what the program says", async (_name, open) => {
  const face = opened(open);
  const news = await face.check({ name: "agent", image, entrypoint: ["sh"] });
  const made = await face.create(news);
  expect(api.control.snapshot("agent")).toMatchObject({
    state: "active",
    imageName: "",
    buildInfo: { dockerfileContent: `FROM ${image}\nENTRYPOINT ["sh"]\n# daytona-iac image\n` },
  });
  expect(made).toMatchObject({ image, entrypoint: ["sh"], imageName: "" });
  expect(made).not.toHaveProperty("dockerfileContent");
  expect(await face.changes(made, news)).toBe(false);
  const seen = await face.refresh(made);
  expect(seen).toMatchObject({ image, snapshotId: made["snapshotId"] });
  expect(seen).not.toHaveProperty("dockerfileContent");
  expect(await face.changes(seen, news)).toBe(false);
  expect(await face.warns(seen, { ...news, triggers: { week: "2" } })).toEqual([
    expect.stringMatching(/^A swap replaces snapshot "agent"\n/),
  ]);
  expect(await face.changes(seen, { ...news, triggers: { week: "2" } })).toBe(true);
  face.close();
  // `pulumi destroy`: a process of its own.
  const last = opened(open);
  await last.remove(seen);
  expect(api.control.snapshots()).toEqual([]);
  last.close();
});

test.each([
  ["dynamic", dynamicFace],
  ["native", nativeFace],
])("%s: a change of triggers of a tag warns that the content may be the old one", async (_name, open) => {
  for (const replacement of ["swap", "recreate"]) {
    const face = opened(open);
    const news = await face.check({ name: "agent", image: "ubuntu:24.04", replacement });
    const made = await face.create(news);
    const warned = await face.warns(made, { ...news, triggers: { week: "2" } });
    expect(warned.slice(replacement === "swap" ? 1 : 0)).toEqual([
      'Snapshot "agent" may keep the old content of ubuntu:24.04\nChanging triggers creates a new snapshot, but a runner does not pull a tag that it already has, even if the tag has moved in the registry since. To use the current content of the tag, set pinDigest to true, write its digest in image ("ubuntu:24.04@sha256:…"), or use a Dockerfile with FROM, whose base image is looked up again for every build.',
    ]);
    expect(await face.warns(made, { ...news, cpu: 3 })).toHaveLength(replacement === "swap" ? 1 : 0);
    face.close();
    api.control.reset();
  }
});
