import type { LocalApi } from "../../../../provider/local";

/** The snapshots that a test imports: names, sources and texts that are hard to write as code. */
export function oddFleet(api: LocalApi): void {
  const { control } = api;
  const insert = control.insert.bind(control);
  for (const name of [
    "agent",
    "agent.1",
    "agent-1",
    "Agent_1",
    "agent-1-2",
    "a:b",
    "org/team:v1.0",
    "9lives",
    "_x",
    "UPPER",
    "class",
    "import",
    "w".repeat(24),
    "x".repeat(60),
    "y".repeat(70),
  ])
    insert({ name });
  // Each of these becomes another's identifier, or a word that a language has taken.
  for (const name of [
    "class-snapshot",
    "default",
    "default-snapshot",
    "default/snapshot-2",
    "arguments",
    "eval",
    "undefined",
    "require",
    "module",
    "exports",
    "global-this",
    "lambda",
    "lambda-snapshot",
    "none",
    "pulumi",
    "y",
    "null",
  ])
    insert({ name });
  // What YAML, in one version or another, takes for dates, numbers, truth values and marks.
  for (const name of [
    "2026-11-29",
    "1_000",
    "0b11",
    "0o7",
    "0x1F",
    "1e3",
    "12:30:45",
    "no",
    "on",
    "Yes",
    "TRUE",
    "inf",
  ])
    insert({ name });
  insert({
    name: "yaml",
    entrypoint: [
      "2026-11-29",
      "1_000",
      "0b11",
      "0o7",
      "~",
      ".inf",
      "=",
      "<<",
      "190:20:30",
      " a",
      "a ",
      "a: b",
      "- a",
      "#",
      "?",
      "@a",
      "%a",
      "no",
      "\ta",
      "a\n",
      "a:",
      "\"'",
      "\u00e9\u{1f600}",
    ],
  });
  insert({
    name: "unseen",
    entrypoint: ["x\u007f", "x\u0085", "x\u2028", "x\u202eabc", "x\ufeff", "x\u001b[31m", "x\u200b"],
  });
  insert({ name: "unseen-lines", dockerfileContent: "FROM alpine:3.20\nRUN echo \u0085 \u202e \u200b\n" });
  insert({ name: "indented", dockerfileContent: "  FROM alpine:3.20\nRUN true\n" });
  insert({ name: "blank-first", dockerfileContent: "\nFROM alpine:3.20\nRUN true\n" });
  insert({ name: "marks", dockerfileContent: "FROM alpine:3.20\n---\n...\n# x\n- a\n\tRUN true\n" });
  insert({ name: "gpu-type", gpu: 1, gpuType: 'H100\n}\nresource "x" "y" {}\u2028*/ --> \u0085os.system()' });
  insert({ name: "idle", state: "inactive" });
  insert({ name: "gpu", gpu: 1, cpu: 4, mem: 16, disk: 40 });
  insert({ name: "entry", entrypoint: ["sh", "-c", "echo \"it's\" '${HOME}' %{x} $${Y} \\ \t"] });
  insert({ name: "quotes", entrypoint: ['"', "'", '"\'"', "`${x}`", "$", "${", "%{", "ü→☃"] });
  insert({
    name: "long-entry",
    entrypoint: ["a-rather-long-word", "another-rather-long-word", "and-yet-another-long-word", "--flag=value"],
  });
  insert({
    name: "built",
    dockerfileContent:
      'FROM alpine:3.20\nRUN echo "${HOME}" && echo `date` \'%{http_code}\' \\\n  && echo $${X} $$${Y} \t tab\n\nENV A=${B} \'q\' """\nEOT\n',
  });
  insert({ name: "trailing", dockerfileContent: "FROM alpine:3.20\nRUN true   \n\n" });
  insert({ name: "one-line", dockerfileContent: "FROM alpine:3.20" });
  insert({ name: "no-end", dockerfileContent: "FROM alpine:3.20\nRUN true" });
  insert({ name: "no-end-of-three", dockerfileContent: "FROM alpine:3.20\nRUN true\nRUN false" });
  insert({ name: "crlf", dockerfileContent: "FROM alpine:3.20\r\nRUN true\r\n" });
  insert({ name: "files", dockerfileContent: "FROM alpine:3.20\nCOPY a /a\n", contextHashes: ["a".repeat(64)] });
  insert({ name: "pushed", imageName: `harbor.example.com/daytona/agent-20261127093000123:v2-${"a".repeat(64)}` });
  insert({ name: "pushed-officially", imageName: "harbor.example.com/daytona/agent:20261127093000" });
  insert({ name: "digest", imageName: `ghcr.io/acme/agent@sha256:${"b".repeat(64)}` });
  insert({ name: "failed", state: "error", errorReason: "no space" });
  insert({ name: "build-failed", state: "build_failed" });
  insert({ name: "leaving", state: "removing" });
  insert({ name: "agent--next-01234567" });
}

/** How many of them get code. */
export const IMPORTED = 66;
