import fc from "fast-check";
import { escapeDockerfile, writeSource } from "../../../provider/cdktf/source";

const never = () => false;

/** How Terraform reads a template that holds no interpolation (tried on the real one in test/faces/cdktf). */
function readTemplate(template: string): string {
  // A letter stays where an escaped opening stood: without it, what lies on its two sides could form a new one.
  expect(template.replaceAll(/\$\$\{|%%\{/g, "X")).not.toMatch(/[$%]\{/);
  return template.replaceAll("$${", "${").replaceAll("%%{", "%{");
}

test.each([
  ["RUN echo ${HOME}", "RUN echo $${HOME}"],
  ["%{if}", "%%{if}"],
  ["$${X}", "$$${X}"],
  ["awk '{print $1}' 100%", "awk '{print $1}' 100%"],
  ["$%{X} %${X}", "$%%{X} %$${X}"],
])("%s is written as %s", (text, template) => {
  expect(escapeDockerfile(text, never)).toBe(template);
});

test("whatever the Dockerfile says, Terraform reads just that", () => {
  const pieces = fc.array(fc.constantFrom("$", "$$", "${", "%", "%{", "{", "}", "\n", "\\", '"', "X", "FROM a"), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(pieces, (parts) => expect(readTemplate(escapeDockerfile(parts.join(""), never))).toBe(parts.join(""))),
  );
});

test("a text that holds a token stays as it is", () => {
  const text = "FROM ${TfToken[TOKEN.1]}\nRUN echo $${HOME}";
  expect(escapeDockerfile(text, () => true)).toBe(text);
});

describe("an Image object", () => {
  const image = { dockerfile: "FROM ubuntu:24.04\nRUN echo ${HOME}\n", contextList: [] };

  test("is its Dockerfile, escaped", () => {
    expect(writeSource({ image }, "here", never)).toEqual({
      image: undefined,
      dockerfileContent: "FROM ubuntu:24.04\nRUN echo $${HOME}\n",
    });
  });

  test("that cannot be a Dockerfile is refused by the construct's path", () => {
    expect(() => writeSource({ image, dockerfileContent: "FROM a" }, 'Snapshot "stack/agent"', never)).toThrow(
      /^Snapshot "stack\/agent": image is an Image object, which already contains a Dockerfile/,
    );
  });

  test("of the official SDK fits", async () => {
    const { Image } = await import("@daytona/sdk");
    const { dockerfileContent } = writeSource(
      { image: Image.base("ubuntu:24.04").runCommands("echo ${HOME}") },
      "here",
      never,
    );
    expect(dockerfileContent).toBe("FROM ubuntu:24.04\nRUN echo $${HOME}\n");
  });
});
