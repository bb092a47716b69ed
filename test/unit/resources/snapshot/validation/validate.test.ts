import fc from "fast-check";
import { UNKNOWN } from "../../../../../provider/kit/unknown";
import { MAX_BODY_BYTES, toCreateBody, validateWritten } from "../../../../../provider/resources/snapshot";
import type { Written } from "../../../../../provider/resources/snapshot";
import { imageProblem, nameProblem } from "../../../../../provider/resources/snapshot/validation/rules";
import { EMPTY, hide, hideable, plan, program, written } from "../model";

const good: Partial<Written> = { name: "agent", image: "ubuntu:24.04" };
const check = (some: Partial<Written>) =>
  validateWritten(written({ ...good, ...some }), "terraform").map(({ attribute, summary, detail }) => [
    attribute?.join("."),
    `${summary}: ${detail}`,
  ]);

describe("validateWritten", () => {
  it.each<[string, Partial<Written>, string, string]>([
    [
      "no source",
      { image: null },
      "image",
      "Missing source: Set exactly one of image, dockerfile, dockerfile_content, local_image and source_sandbox. None is set.",
    ],
    [
      "two sources",
      { dockerfileContent: "FROM a:1" },
      "dockerfileContent",
      "More than one source: Set exactly one of image, dockerfile, dockerfile_content, local_image and source_sandbox. image and dockerfile_content are set.",
    ],
    ["no name", { name: null }, "name", "Missing name: Set exactly one of name and name_prefix. Neither is set."],
    [
      "two names",
      { namePrefix: "a-" },
      "namePrefix",
      "More than one name: Set exactly one of name and name_prefix. Both are set.",
    ],
    [
      "image without tag",
      { image: "ubuntu" },
      "image",
      'Invalid image: "ubuntu" has no tag. Add one, such as "ubuntu:24.04", or a digest (@sha256:…). The API requires one.',
    ],
    [
      "another image without tag",
      { image: "python" },
      "image",
      'Invalid image: "python" has no tag. Add one, such as "python:TAG", or a digest (@sha256:…). The API requires one.',
    ],
    [
      "image with empty tag",
      { image: "ubuntu:" },
      "image",
      'Invalid image: "ubuntu:" has no tag. Add one, such as "ubuntu:24.04", or a digest (@sha256:…). The API requires one.',
    ],
    [
      "latest",
      { image: "ubuntu:latest" },
      "image",
      'Invalid image: "ubuntu:latest" has the tag "latest", which the API does not accept because it moves. Use a version, such as "ubuntu:24.04", or a digest.',
    ],
    [
      "short digest",
      { image: "ubuntu@sha256:abc" },
      "image",
      'Invalid image: "ubuntu@sha256:abc" has an invalid digest. A digest is @sha256: followed by 64 lowercase hex digits.',
    ],
    [
      "bad image",
      { image: "ubun tu:1" },
      "image",
      'Invalid image: "ubun tu:1" is not an image name that the API accepts. It can contain letters, digits, ".", "_", "-", and single "/" between parts, followed by ":" and a tag, or by a digest.',
    ],
    ["empty image", { image: " " }, "image", 'Invalid image: The image is empty. Set one, such as "ubuntu:24.04".'],
    ["empty name", { name: "" }, "name", "Invalid snapshot name: The name is empty."],
    [
      "bad name",
      { name: "my snapshot" },
      "name",
      'Invalid snapshot name: "my snapshot" is not accepted by the API. A name can contain letters, digits, ".", "_", "-", ":" and single "/" between parts, but not at the beginning or the end.',
    ],
    [
      "link in a name",
      { name: "hotel:2" },
      "name",
      'Invalid snapshot name: "hotel:2" contains "tel:", which the API treats as a link. Choose another name.',
    ],
    [
      "digest in a name",
      { name: `a@sha256:${"0".repeat(64)}` },
      "name",
      `Invalid snapshot name: "a@sha256:${"0".repeat(64)}" ends in a digest. The API accepts that, but a swap could not name a successor. Remove the digest.`,
    ],
    [
      "successor's name",
      { name: "a--next-0123abcd" },
      "name",
      'Invalid snapshot name: "a--next-0123abcd" ends like the name of a swap\'s successor (--next- and 8 hex digits). Choose another ending.',
    ],
    [
      "empty prefix",
      { name: null, namePrefix: "" },
      "namePrefix",
      "Invalid name prefix: The prefix is empty. Set a prefix, or set name instead.",
    ],
    [
      "dots",
      { name: ".." },
      "name",
      'Invalid snapshot name: ".." consists of dots only, so no URL can contain it. Add a letter or a digit.',
    ],
    [
      "bad prefix",
      { name: null, namePrefix: "/a" },
      "namePrefix",
      'Invalid name prefix: "/a00000000000000000000000000" is not accepted by the API. A name can contain letters, digits, ".", "_", "-", ":" and single "/" between parts, but not at the beginning or the end.',
    ],
    [
      "empty hash",
      { sourceHash: "" },
      "sourceHash",
      "Invalid source hash: The hash is empty. Remove source_hash to have it computed.",
    ],
    [
      "entrypoint with a Dockerfile",
      { image: null, dockerfileContent: "FROM a:1", entrypoint: ["sh"] },
      "entrypoint",
      "Entrypoint with a Dockerfile: A Dockerfile defines its own entrypoint. Use ENTRYPOINT in the Dockerfile, and remove entrypoint.",
    ],
    [
      "empty entrypoint",
      { entrypoint: [] },
      "entrypoint",
      "Empty entrypoint: The list is empty. Remove entrypoint to use the entrypoint of the image.",
    ],
    [
      "blank item",
      { entrypoint: ["sh", " "] },
      "entrypoint.1",
      "Invalid entrypoint: The item is blank, and the API would drop it. Remove it.",
    ],
    [
      "null item",
      { entrypoint: ["sh", null as never] },
      "entrypoint.1",
      "Invalid entrypoint: The item is null. Set it to a string, or remove it.",
    ],
    [
      "null GPU type",
      { gpuTypes: [null as never] },
      "gpuTypes.0",
      "Invalid GPU types: The item is null. Set it to a string, or remove it.",
    ],
    ["half a core", { cpu: 0.5 }, "cpu", "Invalid cpu: cpu must be a whole number of cores, at least 1 (got 0.5)."],
    ["no memory", { memory: 0 }, "memory", "Invalid memory: memory must be a whole number of GiB, at least 1 (got 0)."],
    ["too much disk", { disk: 2_147_483_648 }, "disk", "Invalid disk: 2147483648 GiB is more than the API can store."],
    [
      "two GPUs",
      { gpu: 2 },
      "gpu",
      "Invalid gpu: gpu must be 0 or 1, because the API gives a sandbox at most one GPU (got 2).",
    ],
    ["empty region", { region: "" }, "region", "Invalid region: The value is empty. Remove region to use the default."],
    [
      "empty class",
      { sandboxClass: "" },
      "sandboxClass",
      "Invalid sandbox_class: The value is empty. Remove sandbox_class to use the default.",
    ],
    [
      "other replacement",
      { replacement: "blue-green" as never },
      "replacement",
      'Invalid replacement: "blue-green" is neither "swap" nor "recreate".',
    ],
    [
      "null trigger",
      { triggers: { a: null as never } },
      "triggers.a",
      'Invalid trigger: The value of "a" is null. Set it to a string, or remove the key.',
    ],
    [
      "no duration",
      { timeouts: { create: "45", update: null, delete: null } },
      "timeouts.create",
      'Invalid timeout: "45" is not a duration. Use a number with a unit, such as "45m", "1h30m" or "90s".',
    ],
    [
      "no time",
      { timeouts: { create: null, update: "0s", delete: null } },
      "timeouts.update",
      'Invalid timeout: "0s" leaves no time at all. Remove it to use the default.',
    ],
    [
      "empty Dockerfile",
      { image: null, dockerfileContent: " \n" },
      "dockerfileContent",
      "Invalid Dockerfile: The Dockerfile is empty. It needs at least a FROM line.",
    ],
    [
      "no FROM",
      { image: null, dockerfileContent: "RUN x\n# FROM a" },
      "dockerfileContent",
      "Invalid Dockerfile: The Dockerfile has no FROM line, so it cannot be built.",
    ],
    [
      "NUL",
      { image: null, dockerfileContent: "FROM a:1\0" },
      "dockerfileContent",
      "Invalid Dockerfile: It contains a NUL character, which the API cannot store.",
    ],
    [
      "half a character",
      { image: null, dockerfileContent: "FROM a:1 # \ud800" },
      "dockerfileContent",
      "Invalid Dockerfile: It contains half of a surrogate pair, which is not a character.",
    ],
    [
      "our own comment",
      { image: null, dockerfileContent: `FROM a:1\r\n# daytona-iac triggers ${"0".repeat(64)}\r\n` },
      "dockerfileContent",
      "Invalid Dockerfile: The Dockerfile ends in the comment line that is reserved for triggers (# daytona-iac triggers …). Remove that line.",
    ],
    [
      "our own mark",
      { image: null, dockerfileContent: "FROM a:1\r\n# daytona-iac image" },
      "dockerfileContent",
      "Invalid Dockerfile: The Dockerfile ends in the comment line that is reserved for an image with a digest (# daytona-iac image). Remove that line.",
    ],
    [
      "more than a name before a digest",
      { image: `a\nRUN x@sha256:${"a".repeat(64)}` },
      "image",
      `Invalid image: "a\nRUN x@sha256:${"a".repeat(64)}" is not the name of an image. Before the digest, it can contain letters, digits, ".", "_", "-", single "/" between parts, and ":" with a tag.`,
    ],
  ])("refuses %s", (_, some, attribute, message) => {
    expect(check(some)).toEqual([[attribute, message]]);
  });

  it("says names as the face spells them", () => {
    expect(validateWritten(written({ name: "a" }), "pulumi").map(({ detail }) => detail)).toEqual([
      "Set exactly one of image, dockerfile, dockerfileContent, localImage and sourceSandbox. None is set.",
    ]);
    expect(validateWritten(written({ image: "a:1" }), "pulumi")).toEqual([]);
  });

  it("lets pass what only a server can know", () => {
    expect(
      check({ gpuTypes: ["B300", "H100"], sandboxClass: "mainframe", region: "moon", sourceHash: "anything", gpu: 1 }),
    ).toEqual([]);
    expect(check({ image: "localhost:5000/team/app@sha256:" + "a".repeat(64) })).toEqual([]);
    expect(check({ image: null, dockerfileContent: "\ufeff# syntax=docker/dockerfile:1\r\n  from a:1\r\n" })).toEqual(
      [],
    );
  });

  it("stops a Dockerfile that would not fit into a request, and no smaller one", () => {
    const size = (dockerfileContent: string) =>
      Buffer.byteLength(
        JSON.stringify(toCreateBody(plan(null, written({ name: "agent--next-01234567", dockerfileContent })).planned)),
      );
    const room = MAX_BODY_BYTES - size("FROM a:1\n");
    const exact = `FROM a:1\n${"x".repeat(room)}`;
    expect(size(exact)).toBe(MAX_BODY_BYTES);
    expect(check({ image: null, dockerfileContent: exact })).toEqual([]);
    expect(check({ image: null, dockerfileContent: `${exact}x` })).toEqual([
      [
        "dockerfileContent",
        `Dockerfile too large: The request would be ${MAX_BODY_BYTES + 1} bytes of JSON, where line breaks, quotes and backslashes count twice. The API accepts less than 100 KiB (${MAX_BODY_BYTES} bytes are safe). Shorten the Dockerfile, or build the image elsewhere, push it to a registry and use image.`,
      ],
    ]);
    // Quotes count twice, and other letters as many bytes as they have.
    expect(check({ image: null, dockerfileContent: `FROM a:1\n${'"'.repeat(60_000)}` })).toHaveLength(1);
    expect(check({ image: null, dockerfileContent: `FROM a:1\n${"é".repeat(60_000)}` })).toHaveLength(1);
  });

  it("skips what is not known", () => {
    fc.assert(
      fc.property(program, hideable, (config, hidden) =>
        expect(validateWritten(hide(config, hidden), "terraform")).toEqual([]),
      ),
    );
    expect(validateWritten(hide(EMPTY, Object.keys(EMPTY) as (keyof Written)[]), "terraform")).toEqual([]);
    expect(
      check({
        entrypoint: [UNKNOWN as never],
        triggers: { a: UNKNOWN as never },
        timeouts: { create: UNKNOWN as never, update: null, delete: null },
      }),
    ).toEqual([]);
    expect(check({ dockerfileContent: UNKNOWN, namePrefix: UNKNOWN })).toEqual([]);
  });

  it("never crashes, and every message has a place", () => {
    const junk = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.double(),
      fc.constant(null),
      fc.constant(UNKNOWN),
      fc.constantFrom("ubuntu:1", "FROM a"),
    );
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constant(null), fc.constant(UNKNOWN));
    fc.assert(
      fc.property(
        fc.record({
          image: text,
          dockerfileContent: text,
          name: text,
          namePrefix: text,
          sourceHash: text,
          region: text,
          entrypoint: fc.option(fc.array(junk)),
          cpu: fc.option(fc.double()),
        }),
        (some) => {
          for (const notice of validateWritten(written(some as Partial<Written>), "terraform"))
            expect(notice.attribute?.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe("the API's own rules", () => {
  // As the server v0.190 checks them.
  const COMPONENTS = /^[a-zA-Z0-9_.\-:]+(\/[a-zA-Z0-9_.\-:]+)*(@sha256:[a-f0-9]{64})?$/;
  const LINKS = [
    "http://",
    "https://",
    "ftp://",
    "ftps://",
    "sftp://",
    "ssh://",
    "ws://",
    "wss://",
    "file://",
    "ldap://",
    "ldaps://",
    "javascript:",
    "data:",
    "mailto:",
    "tel:",
    "www.",
  ];
  const pieces = fc
    .array(
      fc.constantFrom(
        "a",
        "B",
        "0",
        "-",
        ".",
        ":",
        "/",
        "_",
        "@",
        " ",
        "latest",
        "data",
        "TEL",
        "www",
        "@sha256:",
        "a".repeat(64),
        `@sha256:${"a".repeat(64)}`,
        "\n",
        "é",
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(""));

  it("refuses a name when the server does, and besides only what no swap or no address could name", () => {
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string()), (name) => {
        const server = COMPONENTS.test(name) && !LINKS.some((link) => name.toLowerCase().includes(link));
        const ours = nameProblem(name) === null;
        expect(ours).toBe(
          server && !/^\.+$/.test(name) && !/@sha256:[a-f0-9]{64}$/.test(name) && !/--next-[0-9a-f]{8}$/.test(name),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses the tag latest, and no tag that only begins with it", () => {
    expect(imageProblem("ubuntu:latest")).toContain('has the tag "latest"');
    expect(imageProblem("host:5000/ubuntu:latest")).toContain('has the tag "latest"');
    for (const image of ["ubuntu:latest-lts", "ubuntu:not-latest", "a:latest/b:1"])
      expect([image, imageProblem(image)]).toEqual([image, null]);
  });

  it("refuses an image when the server does, and with a digest what is no name, since it becomes a line of a Dockerfile", () => {
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string()), (image) => {
        let server: boolean;
        if (image.includes("@sha256:")) {
          const [name, digest] = image.split("@sha256:");
          server = name !== "" && /^[a-f0-9]{64}$/.test(digest ?? "") && COMPONENTS.test(image);
        } else {
          server = image.includes(":") && !/:\s*$/.test(image) && !image.endsWith(":latest") && COMPONENTS.test(image);
        }
        expect(imageProblem(image) === null).toBe(server);
      }),
      { numRuns: 1000 },
    );
  });
});
