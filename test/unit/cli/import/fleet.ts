import type { LocalApi } from "../../../../provider/local";

/** The snapshots that a test imports: names, sources and texts that are hard to write as code. */
export function oddFleet(api: LocalApi): void {
  const { control } = api;
  const insert = control.insert.bind(control);
  for (const name of ["agent", "agent.1", "agent-1", "Agent_1", "agent-1-2", "a:b", "org/team:v1.0", "9lives", "_x", "UPPER", "class", "import", "w".repeat(24), "x".repeat(60), "y".repeat(70)]) insert({ name });
  insert({ name: "idle", state: "inactive" });
  insert({ name: "gpu", gpu: 1, cpu: 4, mem: 16, disk: 40 });
  insert({ name: "entry", entrypoint: ["sh", "-c", "echo \"it's\" '${HOME}' %{x} $${Y} \\ \t"] });
  insert({ name: "quotes", entrypoint: ['"', "'", '"\'"', "`${x}`", "$", "${", "%{", "ü→☃"] });
  insert({ name: "long-entry", entrypoint: ["a-rather-long-word", "another-rather-long-word", "and-yet-another-long-word", "--flag=value"] });
  insert({ name: "built", dockerfileContent: "FROM alpine:3.20\nRUN echo \"${HOME}\" && echo `date` '%{http_code}' \\\n  && echo $${X} $$${Y} \t tab\n\nENV A=${B} 'q' \"\"\"\nEOT\n" });
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
export const IMPORTED = 30;
