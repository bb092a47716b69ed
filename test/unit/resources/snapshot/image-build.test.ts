import fc from "fast-check";
import {
  differences,
  fromImport,
  observe,
  sourceKey,
  sourceKeyOf,
  toCreateBody,
} from "../../../../provider/resources/snapshot";
import {
  imageBuildOf,
  imageBuildText,
  isSentAsBuild,
} from "../../../../provider/resources/snapshot/own/source/image-build";
import { buildText } from "../../../../provider/resources/snapshot/source";
import { apply, created, plan, written } from "./model";

const HEX = "36fb706f4947c983a1cae3cdeef35c6c8d717a67acdba22693c4ef90c712a8b1";
const pinned = `127.0.0.1:15001/mv@sha256:${HEX}`;
const tagged = `ghcr.io/acme/mv:1.0@sha256:${HEX}`;
const of = (dockerfileContent: string, contextHashes: string[] | null = null) =>
  imageBuildOf({ buildInfo: { dockerfileContent, contextHashes } });

describe("an image with a digest", () => {
  it("is sent as a build that says what it stands for; a tag stays for people", () => {
    expect(toCreateBody(written({ name: "a", image: pinned, cpu: 2 }))).toEqual({
      name: "a",
      cpu: 2,
      buildInfo: { dockerfileContent: `FROM ${pinned}\n# daytona-iac image\n` },
    });
    const asked = written({ name: "a", image: tagged, entrypoint: ["sh", "-c", "a\nb"], triggers: { week: "1" } });
    const { buildInfo } = toCreateBody(asked);
    expect(toCreateBody(asked)).toEqual({ name: "a", buildInfo });
    expect(buildInfo?.dockerfileContent).toMatch(
      /^FROM ghcr\.io\/acme\/mv:1\.0@sha256:36fb[0-9a-f]{60}\nENTRYPOINT \["sh","-c","a\\nb"\]\n# daytona-iac image\n# daytona-iac triggers [0-9a-f]{64}\n$/,
    );
  });

  it("with a tag alone is sent as an image", () => {
    expect(["ubuntu:24.04", `a:${HEX}`, `a@sha256:${HEX}:1`].map(isSentAsBuild)).toEqual([false, false, false]);
    expect(toCreateBody(written({ name: "a", image: "ubuntu:24.04", entrypoint: ["sh"] }))).toEqual({
      name: "a",
      imageName: "ubuntu:24.04",
      entrypoint: ["sh"],
    });
  });

  it("is read back as it was written, whatever the entrypoint", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(pinned, tagged),
        fc.option(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), { nil: undefined }),
        fc.constantFrom(null, { a: "1" }),
        (image, entrypoint, triggers) => {
          const text = buildText(imageBuildText(image, entrypoint), triggers);
          expect(of(text)).toEqual({ image, entrypoint: entrypoint ?? null });
          // A line more would be an instruction more; JavaScript, so the server, knows other line ends than LF.
          expect(text.split(/[\n\r\u2028\u2029]/)).toHaveLength(3 + (entrypoint ? 1 : 0) + (triggers ? 1 : 0));
        },
      ),
    );
  });

  it("has its entrypoint on one line, for BuildKit as for the server", () => {
    expect(imageBuildText(pinned, ["a\u2028b", "c\u2029d", "\r\n", "\u0085"])).toBe(
      `FROM ${pinned}\nENTRYPOINT ["a\\u2028b","c\\u2029d","\\r\\n","\u0085"]\n# daytona-iac image\n`,
    );
  });

  it("is not taken for a Dockerfile that somebody wrote, nor that one for it", () => {
    const ours = imageBuildText(pinned, undefined);
    expect(of(ours)).not.toBeNull();
    const others = [
      `FROM ${pinned}\n`,
      `FROM ${pinned}\nUSER root\n# daytona-iac image\n`,
      `FROM ${pinned} AS x\n# daytona-iac image\n`,
      `# daytona-iac image\nFROM ${pinned}\n`,
      `FROM ${pinned}\nENTRYPOINT sh\n# daytona-iac image\n`,
      `FROM ${pinned}\nENTRYPOINT ["sh", "-c"]\n# daytona-iac image\n`,
      `FROM ${pinned}\nENTRYPOINT [1]\n# daytona-iac image\n`,
      `FROM ${pinned}\nENTRYPOINT ["sh]\n# daytona-iac image\n`,
      "FROM ubuntu:24.04\n# daytona-iac image\n",
      `${ours}RUN x\n`,
      ours.trimEnd(),
    ];
    expect(others.map((text) => of(text))).toEqual(others.map(() => null));
    expect(of(ours, ["h1"])).toBeNull();
    expect(of(ours, [])).not.toBeNull();
    expect(imageBuildOf({})).toBeNull();
    expect(fromImport(created({ name: "a", buildInfo: { dockerfileContent: others[0]! } })).record).toMatchObject({
      image: null,
      dockerfileContent: others[0],
    });
  });

  it("is itself in the state, in whichever form the API has it: created, refreshed, imported, adopted", () => {
    const asked = written({ name: "a", image: tagged, entrypoint: ["sh"] });
    const { dto, record } = apply(null, asked);
    expect(record).toMatchObject({ image: tagged, dockerfileContent: null, imageName: "", entrypoint: ["sh"] });
    const pulled = created({ name: "a", imageName: tagged, entrypoint: ["sh"] });
    for (const seen of [dto, pulled]) {
      expect(observe({ ...seen, id: record.id }, record).image).toBe(tagged);
      const imported = fromImport(seen);
      expect(imported.record).toMatchObject({ image: tagged, dockerfileContent: null, entrypoint: ["sh"] });
      expect(plan({ dto: seen, record: imported.record }, asked, imported.marks).action).toBe("none");
      expect(differences(asked, seen)).toEqual([]);
      expect(differences(asked, seen, { exact: true })).toEqual([]);
      expect(sourceKeyOf(seen)).toBe(sourceKey(asked));
      expect(sourceKeyOf(seen)).toBe(sourceKey(record));
    }
    expect(sourceKey(asked)).toBe(`image ${tagged}`);
  });

  it("differs from another digest, another entrypoint, a tag and a Dockerfile", () => {
    const asked = written({ name: "a", image: pinned });
    const other = created({ name: "a", buildInfo: { dockerfileContent: imageBuildText(tagged, ["sh"]) } });
    expect(differences(asked, other)).toEqual([`image: requested "${pinned}", found "${tagged}"`]);
    expect(differences({ ...asked, image: tagged, entrypoint: ["ash"] }, other)).toEqual([
      'entrypoint: requested ["ash"], found ["sh"]',
    ]);
    const text = `FROM ${pinned}\n`;
    expect(differences(asked, created({ name: "a", buildInfo: { dockerfileContent: text } }))).toEqual([
      `source: requested image "${pinned}", found a Dockerfile build`,
    ]);
    expect(differences(written({ name: "a", dockerfileContent: text }), other)).toEqual([
      `source: requested a Dockerfile build, found image "${tagged}"`,
    ]);
    expect(observe({ ...other, id: "x" }, { ...apply(null, asked).record, id: "x" }).image).toBe(tagged);
  });

  it("is made anew by a change of its triggers, which a successor has to have been made for", () => {
    const asked = written({ name: "a", image: pinned, triggers: { a: "1" } });
    const { dto, record } = apply(null, asked);
    const next = plan({ dto, record }, { ...asked, triggers: { a: "2" } });
    expect(next.action).toBe("swap");
    expect(differences(next.planned, dto)).toEqual([]);
    expect(differences(next.planned, dto, { exact: true })).toEqual([
      "triggers: the snapshot was built with other triggers",
    ]);
    expect(differences(next.planned, created(toCreateBody(next.planned)), { exact: true })).toEqual([]);
    // One that was pulled has no place for triggers, as any other image.
    expect(differences(next.planned, created({ name: "a", imageName: pinned }), { exact: true })).toEqual([]);
  });
});
