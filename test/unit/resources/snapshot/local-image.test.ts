import {
  archiveOf,
  imageKey,
  isPushOf,
  pushedHash,
  pushedName,
  repositoryOf,
} from "../../../../provider/resources/snapshot/local-image";

const HASH = `v2:${"ab".repeat(32)}`;

test.each([
  ["agent:dev", "agent"],
  ["agent", "agent"],
  ["ghcr.io/acme/Agent_2:1", "agent-2"],
  ["localhost:5000/agent", "agent"],
  ["agent@sha256:abc", "agent"],
  ["oci-archive:build/my image.tar", "my-image"],
  ["oci:layout/", "layout"],
  ["docker-archive:x/agent.tar.gz", "agent"],
  ["docker-archive:agent.TGZ:acme/a:1", "agent"],
  ["oci-archive:agent.oci.zst", "agent"],
  ["oci-archive:agent.gz", "agent-gz"],
  ["docker-archive:x/agent.tar:acme/a:1", "agent"],
  ["a:---", "a"],
  ["oci:../..", "image"],
])("the repository of %s is %s", (written, repository) => expect(repositoryOf(written)).toBe(repository));

test.each([
  ["agent:dev", null],
  ["oci", null],
  ["oci:folder", { format: "oci", path: "folder", reference: null }],
  ["oci-archive:a.tar:1.0", { format: "oci-archive", path: "a.tar", reference: "1.0" }],
  [
    "docker-archive:a.tar.gz:docker.io/acme/a:1",
    { format: "docker-archive", path: "a.tar.gz", reference: "docker.io/acme/a:1" },
  ],
  ["docker-archive:C:\\x\\a.tar:b:1", { format: "docker-archive", path: "C:\\x\\a.tar", reference: "b:1" }],
])("%s names the archive %j", (written, archive) => expect(archiveOf(written)).toEqual(archive));

test("a pushed name tells the content, and is another one every time", () => {
  const name = pushedName("acme/agent:dev", HASH, new Date("2026-11-27T09:30:00.123Z"));
  expect(name).toBe(`agent-20261127093000123:v2-${"ab".repeat(32)}`);
  const full = `registry:5000/daytona/${name}`;
  expect(pushedHash(full)).toBe(HASH);
  expect(pushedHash("ubuntu:24.04")).toBeNull();
  expect(imageKey({ imageName: full })).toBe(`image ${HASH}`);
  expect([
    isPushOf(full, "acme/agent:dev", HASH),
    isPushOf(full, "other:1", HASH),
    isPushOf(full, "agent:2", `v2:${"00".repeat(32)}`),
    isPushOf(full, "agent:2", null),
    isPushOf(full, "other:1", null),
  ]).toEqual(["same", "same", "other", "maybe", "other"]);
  expect([
    isPushOf("r/p/agent:20260101000000", "agent:2", HASH),
    isPushOf("ubuntu:24.04", "ubuntu:24.04", HASH),
  ]).toEqual(["maybe", "other"]);
});
