// Asks BuildKit again what it reads for each Dockerfile of test/fixtures/dockerfile-sources.json, and writes its answers there.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const file = join(root, "test/fixtures/dockerfile-sources.json");

const folder = join(homedir(), ".cache/daytona-iac/tools");
mkdirSync(folder, { recursive: true });
const oracle = join(folder, "dockerfile-sources");
// COPY --parents is behind a tag in BuildKit v0.25, and in every frontend that is released.
execFileSync("go", ["build", "-tags", "dfparents", "-o", oracle, "."], {
  cwd: join(root, "test/oracles/dockerfile-sources"),
  stdio: "inherit",
});

const cases = JSON.parse(readFileSync(file, "utf8"));
const ask = (questions) =>
  JSON.parse(execFileSync(oracle, { input: JSON.stringify(questions), maxBuffer: 1 << 28 }).toString());
const questions = cases.map(({ dockerfile, buildArgs, target }) => ({ dockerfile, buildArgs, target }));
const plain = ask(questions);
// An image that sets every variable that the file does not declare shows what depends on the image.
const images = ask(questions.map((question) => ({ ...question, imageEnv: undeclared(question.dockerfile) })));
cases.forEach((one, i) => {
  const { error, reads = [] } = plain[i];
  one.answer = error
    ? { error }
    : JSON.stringify(reads) === JSON.stringify(images[i].reads ?? [])
      ? { reads }
      : { unknown: true };
});
writeFileSync(file, `[\n${cases.map((one) => JSON.stringify(one)).join(",\n")}\n]\n`);

function undeclared(text) {
  const used = new Set([...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name));
  const declared = new Set(
    [...text.matchAll(/^\s*(?:onbuild\s+)?arg\s+(.*(?:\\\n.*)*)/gim)].flatMap(([, words]) =>
      words.split(/\s+/).map((word) => word.split("=")[0]),
    ),
  );
  return [...used].filter((name) => !declared.has(name)).map((name) => `${name}=of-the-image`);
}
