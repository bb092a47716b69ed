import { readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { DockerfileError, readDockerfile } from "../../../../provider/source/dockerfile";
import { question } from "./generated";
import { buildOracle, hasGo, lines, ours, reads, type Answer, type Question } from "./oracle";

type Case = Question & {
  readonly name: string;
  readonly answer: { readonly error?: string; readonly reads?: NonNullable<Answer["reads"]>; readonly unknown?: true };
};
const cases: Case[] = JSON.parse(readFileSync(join(__dirname, "../../../fixtures/dockerfile-sources.json"), "utf8"));

const read = ({ dockerfile, buildArgs, target }: Question) => readDockerfile(dockerfile, { buildArgs, target });

function attempt(asked: Question): ReturnType<typeof read> | DockerfileError {
  try {
    return read(asked);
  } catch (error) {
    if (error instanceof DockerfileError) return error;
    throw error;
  }
}

const undeclared = (text: string): string[] =>
  ["A", "B", "C", "D"]
    .filter((name) => !new RegExp(`ARG[^]*\\b${name}\\b`, "i").test(text))
    .map((name) => `${name}=of-the-image`);

describe("what a Dockerfile reads, as BuildKit has answered", () => {
  it("has at least 60 of them", () => expect(cases.length).toBeGreaterThan(60));

  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
    const found = attempt(one);
    if (one.answer.error !== undefined) return expect(found).toBeInstanceOf(DockerfileError);
    if (one.answer.unknown)
      return expect((found as Error).message).toMatch(
        /^Dockerfile line \d+ \(.+\): \$\w+ .*list the files that the build reads in context\.$/,
      );
    if (found instanceof DockerfileError) throw found;
    const answered = one.answer.reads ?? [];
    expect(reads(ours(found.sources))).toEqual(reads(answered));
    const ourLines = ours(found.sources);
    if (!ourLines.some(({ onbuild }) => onbuild))
      expect(lines(ourLines)).toEqual(expect.arrayContaining(lines(answered)));
    // What is sent says the same without build arguments and target.
    expect(reads(ours(readDockerfile(found.text).sources))).toEqual(reads(answered));
    if (!one.buildArgs && !one.target)
      expect(found.text).toBe(one.dockerfile.replace(/^\ufeff/, "").replaceAll("\r\n", "\n"));
  });
});

(hasGo ? describe : describe.skip)("BuildKit itself (needs Go)", () => {
  let ask: ReturnType<typeof buildOracle>;
  beforeAll(() => {
    ask = buildOracle();
  }, 600_000);
  afterAll(() =>
    rmSync(join(homedir(), `.cache/daytona-iac/tools/dockerfile-sources-${process.pid}`), { force: true }),
  );

  /** Runs' environments and reads of the text as sent, against those of the original with build arguments and target. */
  function compareSent(questions: readonly Question[]): number {
    const known = questions.flatMap((asked) => {
      const found = attempt(asked);
      return found instanceof DockerfileError ? [] : [{ asked, sent: found.text }];
    });
    const before = ask(
      known.map(({ asked: { dockerfile, buildArgs, target } }) => ({
        dockerfile: dockerfile.replaceAll("\r\n", "\n"),
        buildArgs,
        target,
      })),
    );
    const after = ask(known.map(({ sent }) => ({ dockerfile: sent })));
    known.forEach(({ sent }, i) => {
      const plain = ({ error, reads: list, runs }: Answer) => ({ error, reads: reads(list ?? []), runs });
      expect({ sent, ...plain(after[i] as Answer) }).toEqual({ sent, ...plain(before[i] as Answer) });
    });
    return known.length;
  }

  it("answers as it did", () => {
    const now = ask(cases.map(({ dockerfile, buildArgs, target }) => ({ dockerfile, buildArgs, target })));
    cases.forEach(({ name, answer }, i) => {
      if (answer.unknown) return;
      expect({ name, error: now[i]?.error, reads: now[i]?.reads ?? [] }).toEqual({
        name,
        error: answer.error,
        reads: answer.reads ?? [],
      });
    });
  });

  it("reads the same from what is sent", () => expect(compareSent(cases)).toBeGreaterThan(60));

  it("agrees on generated Dockerfiles, and on what is sent for them", () => {
    const runs = Number(process.env.DAYTONA_IAC_ORACLE_RUNS ?? 1500);
    const seed = process.env.DAYTONA_IAC_ORACLE_SEED;
    const questions = fc.sample(question, { numRuns: runs, ...(seed ? { seed: Number(seed) } : {}) });
    const answers = ask(questions);
    // An image that sets all that the file does not declare: what is read may not depend on it.
    const images = ask(questions.map((asked) => ({ ...asked, imageEnv: undeclared(asked.dockerfile) })));
    const differences: unknown[] = [];
    let compared = 0;
    questions.forEach((asked, i) => {
      const found = attempt(asked);
      const [answer, image] = [answers[i] as Answer, images[i] as Answer];
      if (found instanceof DockerfileError) {
        const ofTheImage = found.message.endsWith("in context.") && /FROM (?!scratch)/i.test(asked.dockerfile);
        const cutOff = found.message.includes("which comes after the target");
        if (answer.error === undefined && !ofTheImage && !cutOff) differences.push({ asked, thrown: found.message });
        return;
      }
      // Whether `${A:?}` or `readonly=$A` fails depends on the image's ENV, which the file does not show.
      if (
        /^failed to process .*\?|^invalid value for \w+: /.test(answer.error ?? "") &&
        /FROM (?!scratch)/i.test(asked.dockerfile)
      )
        return;
      compared += 1;
      const said = reads(ours(found.sources));
      for (const { error, reads: list } of [answer, image]) {
        if (error !== undefined || JSON.stringify(said) !== JSON.stringify(reads(list ?? [])))
          differences.push({ asked, ours: said, error, buildkit: reads(list ?? []) });
      }
    });
    expect(differences.slice(0, 5)).toEqual([]);
    expect(compared).toBeGreaterThan(runs / 10);
    expect(compareSent(questions)).toBeGreaterThan(runs / 10);
  }, 300_000);
});
