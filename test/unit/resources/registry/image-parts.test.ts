import { imageParts } from "../../../../provider/resources/registry/image-parts";

const DIGEST = `sha256:${"0a".repeat(32)}`;

test.each([
  ["ubuntu", "docker.io", "library/ubuntu", null, null],
  ["ubuntu:24.04", "docker.io", "library/ubuntu", "24.04", null],
  ["acme/agent:1", "docker.io", "acme/agent", "1", null],
  ["docker.io/ubuntu:1", "docker.io", "library/ubuntu", "1", null],
  ["index.docker.io/acme/agent", "docker.io", "acme/agent", null, null],
  ["ghcr.io/acme/agent:1.4.0", "ghcr.io", "acme/agent", "1.4.0", null],
  ["localhost/agent", "localhost", "agent", null, null],
  ["localhost:5000/agent", "localhost:5000", "agent", null, null],
  ["registry.example.com:5000/a/b/c:x", "registry.example.com:5000", "a/b/c", "x", null],
  ["[::1]:5000/agent:1", "[::1]:5000", "agent", "1", null],
  [`ubuntu@${DIGEST}`, "docker.io", "library/ubuntu", null, DIGEST],
  [`ghcr.io/a/b:1@${DIGEST}`, "ghcr.io", "a/b", "1", DIGEST],
])("%s", (image, registry, repository, tag, digest) => {
  expect(imageParts(image)).toEqual({ registry, repository, tag, digest });
});

test.each([
  ["", /empty/],
  [" ", /empty/],
  ["Ubuntu", /is not a repository/],
  ["a b", /is not a repository/],
  ["ubuntu:", /tag "" is invalid/],
  ["ubuntu:a b", /tag "a b" is invalid/],
  [`ubuntu:${"a".repeat(129)}`, /At most|at most 128/],
  ["ubuntu@sha256:abc", /digest is invalid/],
  [`ubuntu@${DIGEST}@${DIGEST}`, /digest is invalid/],
  ["https://ghcr.io/acme/agent", /is not the host|is not a repository/],
  ["ghcr.io/", /is not a repository/],
  ["ghcr.io//agent", /is not a repository/],
  ["-x.io/agent", /is not the host/],
  [`${"a".repeat(250)}/agent`, /longer than 255/],
])("%j is none", (image, why) => {
  expect(imageParts(image)).toMatch(why);
});
