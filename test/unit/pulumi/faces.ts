import * as pb from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { DynamicProvider } from "../../../provider/pulumi/dynamic/provider";
import { NativeProvider } from "../../../provider/pulumi/native/provider";
import { received, toStruct } from "../../../provider/pulumi/native/wire";
import type { Bag } from "../../../provider/pulumi/shared";

const URN = "urn:pulumi:dev::agents::daytona:index:Snapshot::agent";

/** A face as these tests call it. */
export interface Face {
  check(news: Bag): Promise<Bag>;
  create(news: Bag): Promise<Bag>;
  update(olds: Bag, news: Bag): Promise<Bag>;
  changes(olds: Bag, news: Bag): Promise<boolean>;
  /** `detailed`: what Diff shows; the dynamic face shows nothing. */
  diff(olds: Bag, news: Bag): Promise<{ replaces: string[]; detailed: Record<string, string> | null }>;
  /** What has been warned of since the last `warns`. */
  told(): string[];
  /** What a preview of an update, or of a replacement, warns of. */
  warns(olds: Bag, news: Bag): Promise<string[]>;
  /** What a preview of a create warns of. The host of dynamic providers asks for none. */
  previewsCreate(news: Bag): Promise<string[]>;
  refresh(olds: Bag): Promise<Bag>;
  remove(olds: Bag): Promise<void>;
  close(): void;
}

export function dynamicFace(env: Record<string, string>): Face {
  let told: string[] = [];
  const said = { debug: () => undefined, progress: () => undefined, warn: (text: string) => void told.push(text) };
  const face = new DynamicProvider({ env, version: "0", display: { ...said, said: () => Promise.resolve() } });
  return {
    check: async (news) => (await face.check({}, news)).inputs as Bag,
    create: async (news) => (await face.create(news)).outs as Bag,
    update: async (olds, news) => (await face.update("agent", olds, news)).outs as Bag,
    diff: async (olds, news) => ({ replaces: (await face.diff("agent", olds, news)).replaces, detailed: null }),
    changes: async (olds, news) => (await face.diff("agent", olds, news)).changes,
    told: () => told,
    warns: async (olds, news) => {
      told = [];
      await face.diff("agent", olds, news);
      return told;
    },
    previewsCreate: () => Promise.resolve([]),
    refresh: async (olds) => (await face.read("agent", olds)).props as Bag,
    remove: (olds) => face.delete("agent", olds),
    close: () => face.calls.abort(),
  };
}

export function nativeFace(env: Record<string, string>): Face {
  const face = new NativeProvider({ env, version: "0", schema: () => "{}" });
  face.configure(new pb.ConfigureRequest().setArgs(toStruct({}, new Set())));
  const struct = (bag: Bag): Struct => toStruct(bag, new Set());
  let told: string[] = [];
  face.engine.log = (severity, text) => void (severity === "warning" && told.push(text));
  return {
    check: async (news) =>
      received(face.check(new pb.CheckRequest().setUrn(URN).setOlds(struct({})).setNews(struct(news))).getInputs()).bag,
    create: async (news) =>
      received((await face.create(new pb.CreateRequest().setUrn(URN).setProperties(struct(news)))).getProperties()).bag,
    update: async (olds, news) =>
      received(
        (
          await face.update(
            new pb.UpdateRequest().setId("agent").setUrn(URN).setOlds(struct(olds)).setNews(struct(news)),
          )
        ).getProperties(),
      ).bag,
    diff: async (olds, news) => {
      const found = await face.diff(
        new pb.DiffRequest().setId("agent").setUrn(URN).setOlds(struct(olds)).setNews(struct(news)),
      );
      const kinds = Object.entries(pb.PropertyDiff.Kind);
      const detailed: Record<string, string> = {};
      found.getDetaileddiffMap().forEach((one, path) => {
        detailed[path] = kinds.find(([, kind]) => kind === one.getKind())?.[0] ?? "";
      });
      return { replaces: found.getReplacesList(), detailed };
    },
    changes: async (olds, news) =>
      (
        await face.diff(new pb.DiffRequest().setId("agent").setUrn(URN).setOlds(struct(olds)).setNews(struct(news)))
      ).getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
    told: () => told,
    warns: async (olds, news) => {
      told = [];
      const [before, after] = [struct(olds), struct(news)];
      const found = await face.diff(new pb.DiffRequest().setId("agent").setUrn(URN).setOlds(before).setNews(after));
      if (found.getChanges() === pb.DiffResponse.DiffChanges.DIFF_NONE) return told;
      if (found.getReplacesList().length === 0)
        await face.update(
          new pb.UpdateRequest().setId("agent").setUrn(URN).setOlds(before).setNews(after).setPreview(true),
        );
      else await face.create(new pb.CreateRequest().setUrn(URN).setProperties(after).setPreview(true));
      return told;
    },
    previewsCreate: async (news) => {
      told = [];
      await face.create(new pb.CreateRequest().setUrn(URN).setProperties(struct(news)).setPreview(true));
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
