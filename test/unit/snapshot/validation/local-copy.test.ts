import fc from "fast-check";
import { localCopies } from "../../../../provider/snapshot/validation/local-copy";
import { created, plan, written } from "../model";
import { fromImport, planSnapshot, UNKNOWN } from "../../../../provider/snapshot";
import { toolWords } from "../../../../provider/terraform/words";

const F = "FROM debian:12\n";

describe("localCopies", () => {
  it.each([
    ["a file", `${F}COPY app.py /app/`, ["COPY app.py"]],
    ["several, with flags", `${F}COPY --chown=1:1 --chmod=755 a.txt ./b/c /app/`, ["COPY a.txt", "COPY ./b/c"]],
    ["the form of a list", `${F}ADD ["a file", "/app/"]`, ["ADD a file"]],
    ["continued lines with comments between", `${F}copy \\\n# and\n\n  app.py \\ \n  /app`, ["COPY app.py"]],
    ["another escape character", `# escape=\`\n${F}COPY app.py \`\n C:/app`, ["COPY app.py"]],
    ["a URL in COPY", `${F}COPY https://example.com/x /x`, ["COPY https://example.com/x"]],
    ["what follows a here-document", `${F}RUN <<-'EOT' bash\nCOPY not me\n\tEOT\nCOPY app.py /`, ["COPY app.py"]],
    ["a stage that the last one stands on", `FROM a:1 AS base\nCOPY x /x\nFROM Base\nADD y /y\n`, ["COPY x", "ADD y"]],
  ])("finds %s", (_, text, found) => expect(localCopies(text)).toEqual(found));

  it.each([
    ["other stages and images", `FROM a:1 AS build\nRUN make\nFROM b:1\nCOPY --from=build /x /x\nCOPY --chown=1 --from=nginx:1 /etc/nginx /etc`],
    ["here-documents", `${F}COPY <<EOF /x\nCOPY app.py /\nEOF\nRUN cat <<A <<B > x\nADD a b\nA\nADD c d\nB\n`],
    ["remote sources of ADD", `${F}ADD https://example.com/x.tgz /x\nADD git@github.com:a/b.git /b\nADD --keep-git-dir=true https://github.com/a/b.git#main /b\nADD github.com/a/b /b`],
    ["the whole context, and the Dockerfile, which are there", `${F}COPY . /app\nCOPY ./ /app\nCOPY Dockerfile ./Dockerfile /x/`],
    ["what is not certain", `${F}ARG A\nCOPY $A /x\nCOPY *.txt /x\nCOPY "a b" /x\nCOPY [a /x\nONBUILD COPY a /b\n# COPY a /b\nRUN echo COPY a /b`],
    ["a stage that may be skipped", `FROM a:1 AS unused\nCOPY x /x\nFROM b:1\nRUN true`],
    ["another frontend", `# syntax=example.com/frontend:1\n${F}COPY a /b`],
    ["nothing to copy", `${F}COPY\nCOPY /x\nADD\n`],
  ])("is silent about %s", (_, text) => expect(localCopies(text)).toEqual([]));

  it("survives any text", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom("FROM a:1", "FROM a AS a", "COPY a b", "RUN <<E", "E", "ADD [", "# escape=`", "x \\", "\\"));
    fc.assert(fc.property(fc.array(line), (lines) => expect(Array.isArray(localCopies(lines.join("\n")))).toBe(true)), { numRuns: 300 });
  });
});

describe("a plan", () => {
  const program = written({ name: "agent", dockerfileContent: `${F}COPY app.py /app/\nCOPY a b c /d/\n` });
  const warned = {
    summary: "The Dockerfile copies files that are not sent",
    detail: "A build gets the Dockerfile alone, without a build context, so it will fail at: COPY app.py, COPY a, COPY b, COPY c. Write small files into the Dockerfile (COPY <<EOF), copy them from an image (COPY --from), add them from a URL (ADD), or build and push the image elsewhere and use image.",
    attribute: ["dockerfileContent"],
  };

  it("warns when it would build, and only then", () => {
    expect(plan(null, program).warnings).toEqual([warned]);
    const dto = created({ name: "agent", buildInfo: { dockerfileContent: program.dockerfileContent as string } });
    const { record, marks } = fromImport(dto);
    const again = (some: object, now = record) => planSnapshot({ prior: now, marks, written: { ...program, ...some }, providerRegion: null, words: toolWords() });
    expect(again({})).toMatchObject({ action: "none", warnings: [] });
    expect(again({ cpu: 2 })).toMatchObject({ action: "swap", warnings: [{ summary: 'A swap replaces snapshot "agent"' }, warned] });
    expect(again({ cpu: 2, replacement: "recreate" })).toMatchObject({ action: "replace", warnings: [warned] });
    expect(again({}, { ...record, state: "error" })).toMatchObject({ action: "rebuild", warnings: [warned] });
    expect(again({ dockerfileContent: UNKNOWN }).warnings).toHaveLength(1);
  });
});
