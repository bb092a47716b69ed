import * as pb from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { DynamicProvider } from "../../../provider/pulumi/dynamic/provider";
import { NativeProvider } from "../../../provider/pulumi/native/provider";
import { received, toStruct } from "../../../provider/pulumi/native/wire";
import type { Bag } from "../../../provider/pulumi/shared";

const image = `ghcr.io/acme/agent:1@sha256:${"3".repeat(64)}`;
const URN = "urn:pulumi:dev::agents::daytona:index:Snapshot::agent";

let api: LocalApi;
beforeAll(async () => void (api = await startLocalApi({ pullSeconds: 0.05, buildSeconds: 0.05, cronSeconds: 0.05 })));
afterEach(() => api.control.reset());
afterAll(() => api.close());

/** A face as this test calls it. */
interface Face {
  check(news: Bag): Promise<Bag>;
  create(news: Bag): Promise<Bag>;
  changes(olds: Bag, news: Bag): Promise<boolean>;
  /** What a preview of an update, or of a replacement, warns of. */
  warns(olds: Bag, news: Bag): Promise<string[]>;
  refresh(olds: Bag): Promise<Bag>;
  remove(olds: Bag): Promise<void>;
  close(): void;
}

const env = (): Record<string, string> => ({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });

function dynamicFace(): Face {
  let told: string[] = [];
  const said = { debug: () => undefined, progress: () => undefined, warn: (text: string) => void told.push(text) };
  const face = new DynamicProvider({ env: env(), version: "0", display: { ...said, said: () => Promise.resolve() } });
  return {
    check: async (news) => (await face.check({}, news)).inputs as Bag,
    create: async (news) => (await face.create(news)).outs as Bag,
    changes: async (olds, news) => (await face.diff("agent", olds, news)).changes,
    warns: async (olds, news) => {
      told = [];
      await face.diff("agent", olds, news);
      return told;
    },
    refresh: async (olds) => (await face.read("agent", olds)).props as Bag,
    remove: (olds) => face.delete("agent", olds),
    close: () => face.calls.abort(),
  };
}

function nativeFace(): Face {
  const face = new NativeProvider({ env: env(), version: "0", schema: () => "{}" });
  face.configure(new pb.ConfigureRequest().setArgs(toStruct({}, new Set())));
  const struct = (bag: Bag): Struct => toStruct(bag, new Set());
  let told: string[] = [];
  face.engine.log = (severity, text) => void (severity === "warning" && told.push(text));
  return {
    check: async (news) =>
      received(face.check(new pb.CheckRequest().setUrn(URN).setOlds(struct({})).setNews(struct(news))).getInputs()).bag,
    create: async (news) =>
      received((await face.create(new pb.CreateRequest().setUrn(URN).setProperties(struct(news)))).getProperties()).bag,
    changes: async (olds, news) =>
      (
        await face.diff(new pb.DiffRequest().setId("agent").setUrn(URN).setOlds(struct(olds)).setNews(struct(news)))
      ).getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
    warns: async (olds, news) => {
      told = [];
      const [before, after] = [struct(olds), struct(news)];
      const { length } = (
        await face.diff(new pb.DiffRequest().setId("agent").setUrn(URN).setOlds(before).setNews(after))
      ).getReplacesList();
      if (length === 0)
        await face.update(
          new pb.UpdateRequest().setId("agent").setUrn(URN).setOlds(before).setNews(after).setPreview(true),
        );
      else await face.create(new pb.CreateRequest().setUrn(URN).setProperties(after).setPreview(true));
      return told;
    },
    refresh: async (olds) =>
      received(
        (await face.read(new pb.ReadRequest().setId("agent").setUrn(URN).setProperties(struct(olds)))).getProperties(),
      ).bag,
    remove: async (olds) =>
      void (await face.delete(new pb.DeleteRequest().setId("agent").setUrn(URN).setProperties(struct(olds)))),
    close: () => face.close(),
  };
}

test.each([
  ["dynamic", dynamicFace],
  ["native", nativeFace],
])("%s: an image with a digest is made by a build, and stays what the program says", async (_name, open) => {
  const face = open();
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
  const last = open();
  await last.remove(seen);
  expect(api.control.snapshots()).toEqual([]);
  last.close();
});

test.each([
  ["dynamic", dynamicFace],
  ["native", nativeFace],
])("%s: a change of triggers of a tag warns that the content may be the old one", async (_name, open) => {
  for (const replacement of ["swap", "recreate"]) {
    const face = open();
    const news = await face.check({ name: "agent", image: "ubuntu:24.04", replacement });
    const made = await face.create(news);
    const warned = await face.warns(made, { ...news, triggers: { week: "2" } });
    expect(warned.slice(replacement === "swap" ? 1 : 0)).toEqual([
      'Snapshot "agent" may keep the old content of ubuntu:24.04\nChanging triggers creates a new snapshot, but a runner does not pull a tag that it already has, even if the tag has moved in the registry since. To get what the tag names now, write its digest in image ("ubuntu:24.04@sha256:…"), or use a Dockerfile with FROM, whose base image is looked up again for every build.',
    ]);
    expect(await face.warns(made, { ...news, cpu: 3 })).toHaveLength(replacement === "swap" ? 1 : 0);
    face.close();
    api.control.reset();
  }
});
