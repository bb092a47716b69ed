import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Client, documented, OPERATIONS, program, tried } from "./clients";

/**
 * Every client of the table in docs/guides/clients.md that a registry has, unchanged, against the local API. A cell of the table begins with "yes" or
 * "no", and that is what happens here.
 */
const NPM = process.env["DAYTONA_IAC_CLIENTS_NPM"];
const PYTHON = process.env["DAYTONA_IAC_CLIENTS_PYTHON"];
const NEWEST_PYTHON = process.env["DAYTONA_IAC_PYTHON_SDK"];
const GO = process.env["DAYTONA_IAC_CLIENTS_GO"];

/** A test that is skipped, by name, where a part is missing. */
function row(part: string | undefined, name: string, needs: string, run: (part: string) => Promise<void>): void {
  if (part === undefined) test.skip(`${name} (not there: ${needs})`, () => undefined);
  else test(name, () => run(part), 120_000);
}

/** Tries the client, and holds its row of the table against what happened. */
async function matches(name: string, version: string, client: Client): Promise<void> {
  const outcome = await tried(client);
  const cells = documented(name, version).map((cell) => /^(yes|no)\b/.exec(cell)?.[1] ?? cell);
  const seen = OPERATIONS.map((operation) => (outcome[operation] === "yes" ? "yes" : "no"));
  expect({ cells, outcome }).toEqual({ cells: seen, outcome });
}

const versionOf = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;

const REPOSITORY = join(__dirname, "../../..");
for (const [name, version, at, folder, script] of [
  ["@daytona/sdk", "0.216.0", REPOSITORY, "@daytona/sdk", "sdk.mjs"],
  ["@daytonaio/sdk", "0.218.0", NPM, "sdk-newest", "sdk.mjs"],
  ["@daytonaio/sdk", "0.190.1", NPM, "sdk-0.190", "sdk.mjs"],
  ["@daytona/api-client", "0.218.0", NPM, "@daytona/api-client", "api-client.mjs"],
  ["@daytonaio/api-client", "0.220.0", NPM, "@daytonaio/api-client", "api-client.mjs"],
  ["@daytonaio/api-client", "0.187.0", NPM, "api-client-0.187", "api-client.mjs"],
] as const)
  row(at, `${name} ${version}`, "DAYTONA_IAC_CLIENTS_NPM", async (part) => {
    const installed = join(part, "node_modules", folder);
    expect(versionOf(installed)).toBe(version);
    const command = [process.execPath, program(script)];
    await matches(`\`${name}\` (npm)`, version, { command, package: installed, uploads: script === "sdk.mjs" });
  });

const noPython = "as there is no python here";
const root = process.getuid?.() === 0;
for (const [version, python, variable] of [
  ["0.226.1", NEWEST_PYTHON, "DAYTONA_IAC_PYTHON_SDK"],
  ["0.190.0", PYTHON === undefined ? undefined : join(PYTHON, "sdk-0.190.0/bin/python"), "DAYTONA_IAC_CLIENTS_PYTHON"],
] as const) {
  const needs = root ? `${variable}, ${noPython}` : "root, to mount certificates";
  for (const [kind, script] of [
    ["`Daytona`", "sdk.py"],
    ["`AsyncDaytona`", "sdk_async.py"],
  ] as const) {
    const name = `\`daytona\` (PyPI), ${kind}`;
    row(root ? python : undefined, `${name} ${version}`, needs, async (at) => {
      await matches(name, version, { command: [at, program(script)], uploads: true, tls: true });
    });
  }
  row(python, `\`daytona\` of PyPI ${version} sends no files over HTTP`, `${variable}, ${noPython}`, async (at) => {
    const { files } = await tried({ command: [at, program("sdk.py")], uploads: true, only: ["files"] });
    expect(files).toContain("BadScheme");
  });
}

const both = NEWEST_PYTHON === undefined ? undefined : PYTHON;
row(both, "daytona-api-client 0.231.0", `DAYTONA_IAC_CLIENTS_PYTHON, ${noPython}`, async (at) => {
  await matches("`daytona-api-client` (PyPI)", "0.231.0", {
    command: [NEWEST_PYTHON!, program("api_client.py")],
    env: { PYTHONPATH: join(at, "api-client-0.231.0") },
    uploads: false,
  });
});

row(GO, "libs/api-client-go v0.190.0", "DAYTONA_IAC_CLIENTS_GO, as there is no go here", async (binary) => {
  await matches("`github.com/daytonaio/daytona/libs/api-client-go` (Go)", "v0.190.0", {
    command: [binary],
    uploads: false,
  });
});
