import { validateWritten } from "../../../../../provider/resources/snapshot";
import { written } from "../model";

const told = (localImage: string): string[] =>
  validateWritten(written({ name: "agent", localImage }), "terraform").map(({ attribute, detail }) => {
    expect(attribute).toEqual(["localImage"]);
    return detail;
  });

test.each(["./agent.tar", "../agent.tar", "/images/agent.tar", "~/agent.tar", "."])(
  "%s is a path, and never a part of a request to the engine",
  (path) =>
    expect(told(path)).toEqual([
      `"${path}" is a path, not the name of an image. For an image archive, write "oci-archive:FILE", "docker-archive:FILE" or "oci:FOLDER".`,
    ]),
);

test.each([
  "",
  " ",
  "agent dev",
  "a/../b",
  "a//b",
  "a/./b",
  "agent?x=1",
  "agent#x",
  "a%2f..",
  "a\\b",
  "agent:",
  "a/",
  ":1",
])("%j is not the name of an image", (name) =>
  expect(told(name)).toEqual([
    `"${name}" is not the name of an image. Use a name with a tag, such as "agent:dev", or "oci-archive:FILE".`,
  ]),
);

test.each([
  "agent",
  "agent:dev",
  "acme/agent_x:1.2-b",
  "localhost/agent",
  "Registry.example:5000/a/b__c:1",
  "[::1]:5000/agent:1",
  "b1867f6db054",
  `sha256:${"a".repeat(64)}`,
  `agent:dev@sha256:${"a".repeat(64)}`,
  `agent@sha256:${"a".repeat(64)}`,
  "oci-archive:./agent image.tar",
])("%s can be one", (name) => expect(told(name)).toEqual([]));

test("a transport alone lacks its path", () =>
  expect(told("oci-archive")).toEqual(['"oci-archive" has no path. Write "oci-archive:PATH".']));
