import { Image } from "@daytona/sdk";
import { isImageObject, plainSource } from "../../../provider/source/image";

const image = { dockerfile: "FROM ubuntu:24.04\nRUN echo ${HOME}\n", contextList: [] };

test("an Image object is its Dockerfile, to the letter", () => {
  expect(plainSource({ image }, "here")).toEqual({ image: undefined, dockerfileContent: image.dockerfile });
});

test("one of the official SDK is one", () => {
  const official = Image.base("ubuntu:24.04").runCommands("apt-get update");
  expect(plainSource({ image: official }, "here")).toEqual({ image: undefined, dockerfileContent: official.dockerfile });
});

test("in plain JavaScript the list of local files may be missing", () => {
  expect(plainSource({ image: { dockerfile: "FROM a:1" } }, "here").dockerfileContent).toBe("FROM a:1");
});

test.each<[string, { image?: unknown; dockerfileContent?: unknown }]>([
  ["a name", { image: "ubuntu:24.04" }],
  ["a Dockerfile", { dockerfileContent: "FROM a:1" }],
  ["both, which is for others to judge", { image: "ubuntu:24.04", dockerfileContent: "FROM a:1" }],
  ["nothing", {}],
  ["null", { image: null }],
  ["a reference to a value that is not known yet", { image: { apply: () => undefined } }],
  ["a reference that has every property", { image: new Proxy({}, { has: () => true, get: () => ({}) }) }],
])("%s stays as it is", (_what, source) => {
  expect(isImageObject(source.image)).toBe(false);
  const plain = plainSource(source, "here");
  expect(plain.image).toBe(source.image);
  expect(plain.dockerfileContent).toBe(source.dockerfileContent);
});

test("local files are refused, with what to do instead, by the place's name", () => {
  const withFiles = { ...image, contextList: [{ sourcePath: "a", archivePath: "a" }, { sourcePath: "b", archivePath: "b" }] };
  expect(() => plainSource({ image: withFiles }, 'Snapshot "agent"')).toThrow(new Error(
    'Snapshot "agent": the Image object uses local files or folders (2 in its contextList), which cannot be sent yet. Build it without addLocalFile, addLocalDir and the like: '
      + "fetch the files in a RUN step, or push an image that holds them to a registry and give its name in image.",
  ));
});

test("one beside a Dockerfile is refused, by the place's name", () => {
  expect(() => plainSource({ image, dockerfileContent: "FROM a:1" }, 'Snapshot "agent"')).toThrow(new Error(
    'Snapshot "agent": image is an Image object, which already contains a Dockerfile, so dockerfileContent cannot be set as well. Remove one of them.',
  ));
});
