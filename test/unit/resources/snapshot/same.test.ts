import fc from "fast-check";
import { UNKNOWN } from "../../../../provider/kit/unknown";
import { buildText, differences, sourceKey, toCreateBody } from "../../../../provider/resources/snapshot";
import { apply, created, hide, hideable, plan, program, written } from "./model";

describe("differences", () => {
  it("finds none between a snapshot and what it was made from, known or not", () => {
    fc.assert(
      fc.property(program, hideable, (config, hidden) => {
        const { dto, record } = apply(null, config);
        expect(differences(record, dto)).toEqual([]);
        expect(differences(record, dto, { exact: true })).toEqual([]);
        expect(differences(plan(null, hide(config, hidden)).planned, dto)).toEqual([]);
      }),
    );
  });

  it("names what differs, both values", () => {
    const { planned } = plan(
      null,
      written({
        name: "a",
        image: "ubuntu:24.04",
        entrypoint: ["sh"],
        cpu: 2,
        memory: 4,
        disk: 5,
        gpu: 1,
        gpuTypes: ["H200"],
        sandboxClass: "linux-vm",
        region: "eu",
      }),
    );
    expect(differences(planned, created({ name: "a", imageName: "ubuntu:22.04", gpu: 1 }))).toEqual([
      'image: requested "ubuntu:24.04", found "ubuntu:22.04"',
      'entrypoint: requested ["sh"], found null',
      "cpu: requested 2, found 1",
      "memory: requested 4, found 1",
      "disk: requested 5, found 3",
      'sandboxClass: requested "linux-vm", found "container"',
      'gpuTypes: requested ["H200"], found "H100"',
      'region: requested "eu", found ["us"]',
    ]);
  });

  it("tells kinds of source and texts apart, comment lines and line ends aside", () => {
    const build = plan(null, written({ name: "a", dockerfileContent: "FROM a:1\r\n", triggers: { x: "1" } })).planned;
    expect(differences(build, created({ name: "a", imageName: "a:1" }))).toEqual([
      'source: requested a Dockerfile build, found image "a:1"',
    ]);
    expect(differences(build, created({ name: "a", buildInfo: { dockerfileContent: "FROM a:2\n" } }))).toEqual([
      "dockerfileContent: the text of the Dockerfile differs",
    ]);
    const other = created({ name: "a", buildInfo: { dockerfileContent: buildText("FROM a:1\n", { x: "2" }) } });
    expect(differences(build, other)).toEqual([]);
    expect(differences(build, other, { exact: true })).toEqual([
      "triggers: the snapshot was built with other triggers",
    ]);
    expect(differences(plan(null, written({ name: "a", image: "a:1" })).planned, other)).toEqual([
      'source: requested image "a:1", found a Dockerfile build',
    ]);
  });

  it("never takes for the same what the API does not tell the source of", () => {
    const { planned } = plan(null, written({ name: "a", image: "a:1" }));
    expect(differences(planned, created({ name: "a" }))).toEqual([
      'source: requested image "a:1", but the API does not report a source',
    ]);
    const build = plan(null, written({ name: "a", dockerfileContent: "FROM a:1" })).planned;
    expect(differences(build, created({ name: "a" }), { exact: true })).toEqual([
      "source: requested a Dockerfile build, but the API does not report a source",
    ]);
  });

  it("never takes a build with files for one without; no list and an empty one are the same", () => {
    const { planned } = plan(null, written({ name: "a", dockerfileContent: "FROM a:1\nCOPY . /app" }));
    const built = (contextHashes: string[] | null) => {
      const dto = created({ name: "a", buildInfo: { dockerfileContent: "FROM a:1\nCOPY . /app" } });
      return { ...dto, buildInfo: { ...dto.buildInfo!, contextHashes } };
    };
    expect(differences(planned, built(["0a", "1b"]))).toEqual([
      "context: requested a build without files, found one with a build context (2 sent)",
    ]);
    expect(differences(planned, built([]))).toEqual([]);
    expect(differences(planned, built(null))).toEqual([]);
    expect(differences(plan(null, written({ name: "a", image: "a:1" })).planned, built(["0a"]))).toHaveLength(1);
  });

  it("takes missing regions for nothing said", () => {
    const { planned } = plan(null, written({ name: "a", image: "a:1", region: "eu" }));
    expect(differences(planned, { ...created({ name: "a", imageName: "a:1" }), regionIds: [] })).toEqual([]);
  });
});

describe("toCreateBody", () => {
  it("sends what is written, in the API's words", () => {
    const { planned } = plan(
      null,
      written({
        name: "a",
        image: "a:1",
        entrypoint: ["sh"],
        memory: 4,
        gpu: 1,
        gpuTypes: ["H100"],
        region: "eu",
        sandboxClass: "container",
      }),
    );
    expect(toCreateBody(planned)).toEqual({
      name: "a",
      imageName: "a:1",
      entrypoint: ["sh"],
      memory: 4,
      gpu: 1,
      gpuType: ["H100"],
      regionId: "eu",
      sandboxClass: "container",
    });
  });

  it("sends a build with its triggers and without an entrypoint", () => {
    const { planned } = plan(null, written({ name: "a", dockerfileContent: "FROM a:1\n", triggers: { a: "1" } }));
    const body = toCreateBody({ ...planned, entrypoint: ["sleep", "infinity"] }, "a--next-01234567");
    expect(body).toEqual({
      name: "a--next-01234567",
      buildInfo: { dockerfileContent: expect.stringMatching(/^FROM a:1\n# daytona-iac triggers [0-9a-f]{64}\n$/) },
    });
  });

  it("refuses to guess a name or a source", () => {
    const { planned } = plan(null, written({ namePrefix: "a-", image: "a:1" }));
    expect(() => toCreateBody(planned)).toThrow("a snapshot's name has to be known before it is created");
    expect(() => toCreateBody({ ...planned, image: UNKNOWN }, "a")).toThrow(
      'the source of snapshot "a" has to be known before it is created',
    );
  });
});

describe("sourceKey", () => {
  it("is the same for the same source alone", () => {
    const key = (some: Parameters<typeof written>[0]) => sourceKey(plan(null, written({ name: "a", ...some })).planned);
    expect(key({ image: "a:1", cpu: 1 })).toBe(key({ image: "a:1", name: "b" }));
    expect(key({ dockerfileContent: "FROM a:1\n" })).toBe(key({ dockerfileContent: "FROM a:1\r\n" }));
    expect(
      new Set([
        key({ image: "a:1" }),
        key({ image: "a:2" }),
        key({ dockerfileContent: "a:1" }),
        key({ dockerfileContent: "a:1", triggers: { a: "1" } }),
      ]).size,
    ).toBe(4);
  });
});
