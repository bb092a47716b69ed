import { readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { DockerfileError, readDockerfile } from "../../../../provider/source/dockerfile";
import { question } from "./generated";
import { buildOracle, hasGo, lines, ours, reads, type Answer, type Question } from "./oracle";

type Case = Question & { readonly name: string; readonly answer: { readonly error?: string; readonly reads?: NonNullable<Answer["reads"]>; readonly unknown?: true } };
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

describe("what a Dockerfile reads, as BuildKit has answered", () => {
  it("has at least 60 of them", () => expect(cases.length).toBeGreaterThan(60));

  it.each(cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
    const found = attempt(one);
    if (one.answer.error !== undefined) return expect(found).toBeInstanceOf(DockerfileError);
    if (one.answer.unknown) return expect((found as Error).message).toMatch(/^Dockerfile line \d+ \(.+\): \$\w+ .*list the files that the build reads in context\.$/);
    if (found instanceof DockerfileError) throw found;
    const answered = one.answer.reads ?? [];
    expect(reads(ours(found.sources))).toEqual(reads(answered));
    const ourLines = ours(found.sources);
    if (!ourLines.some(({ onbuild }) => onbuild)) expect(lines(ourLines)).toEqual(expect.arrayContaining(lines(answered)));
    // What is sent says the same without build arguments and target.
    expect(reads(ours(readDockerfile(found.text).sources))).toEqual(reads(answered));
    if (!one.buildArgs && !one.target) expect(found.text).toBe(one.dockerfile.replace(/^\ufeff/, "").replaceAll("\r\n", "\n"));
  });
});

(hasGo ? describe : describe.skip)("BuildKit itself (needs Go)", () => {
  let ask: ReturnType<typeof buildOracle>;
  beforeAll(() => {
    ask = buildOracle();
  }, 600_000);
  afterAll(() => rmSync(join(homedir(), `.cache/daytona-iac/tools/dockerfile-sources-${process.pid}`), { force: true }));

  /** Runs' environments and reads of the text as sent, against those of the original with build arguments and target. */
  function compareSent(questions: readonly Question[]): number {
    const known = questions.flatMap((asked) => {
      const found = attempt(asked);
      return found instanceof DockerfileError ? [] : [{ asked, sent: found.text }];
    });
    const before = ask(known.map(({ asked: { dockerfile, buildArgs, target } }) => ({ dockerfile: dockerfile.replaceAll("\r\n", "\n"), buildArgs, target })));
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
      expect({ name, error: now[i]?.error, reads: now[i]?.reads ?? [] }).toEqual({ name, error: answer.error, reads: answer.reads ?? [] });
    });
  });

  it("reads the same from what is sent", () => expect(compareSent(cases)).toBeGreaterThan(60));

  it("agrees on generated Dockerfiles, and on what is sent for them", () => {
    const runs = Number(process.env.DAYTONA_IAC_ORACLE_RUNS ?? 1500);
    const seed = process.env.DAYTONA_IAC_ORACLE_SEED;
    const questions = fc.sample(question, { numRuns: runs, ...(seed ? { seed: Number(seed) } : {}) });
    const answers = ask(questions);
    let compared = 0;
    questions.forEach((asked, i) => {
      const found = attempt(asked);
      const answer = answers[i] as Answer;
      const shown = { asked, error: answer.error, thrown: found instanceof DockerfileError ? found.message : undefined };
      if (answer.error !== undefined) return expect({ ...shown, refused: found instanceof DockerfileError }).toEqual({ ...shown, refused: true });
      // What depends on the image is refused although BuildKit, given an image without variables, has an answer.
      if (found instanceof DockerfileError && found.message.endsWith("in context.")) return expect(asked.dockerfile).toMatch(/FROM alpine/i);
      if (found instanceof DockerfileError) throw new Error(JSON.stringify(shown, null, 1));
      compared += 1;
      expect({ ...shown, reads: reads(ours(found.sources)) }).toEqual({ ...shown, reads: reads(answer.reads ?? []) });
    });
    expect(compared).toBeGreaterThan(runs / 10);
    expect(compareSent(questions)).toBeGreaterThan(runs / 10);
  }, 300_000);
});
