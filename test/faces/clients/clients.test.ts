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

/** Tries the client and holds its row of the table against what happened. @param except operations that are no matter of the row @returns what came of each */
async function matches(
  name: string,
  version: string,
  client: Client,
  except: readonly string[] = [],
): Promise<Record<string, string | undefined>> {
  const outcome = await tried(client);
  const cells = documented(name, version);
  const wrong = OPERATIONS.filter((operation, at) => {
    const cell = /^(yes|no)\b/.exec(cells[at] ?? "")?.[1];
    const tested = (client.only ?? OPERATIONS).includes(operation) && !except.includes(operation);
    return tested && cell !== (outcome[operation] === "yes" ? "yes" : "no");
  });
  expect({ wrong, outcome }).toEqual({ wrong: [], outcome });
  expect(cells).toHaveLength(OPERATIONS.length);
  return outcome;
}

const versionOf = (folder: string): string =>
  (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;

const REPOSITORY = join(__dirname, "../../..");
for (const [name, version, root, folder, script] of [
  ["@daytona/sdk", "0.216.0", REPOSITORY, "@daytona/sdk", "sdk.mjs"],
  ["@daytonaio/sdk", "0.218.0", NPM, "sdk-newest", "sdk.mjs"],
  ["@daytonaio/sdk", "0.190.1", NPM, "sdk-0.190", "sdk.mjs"],
  ["@daytona/api-client", "0.218.0", NPM, "@daytona/api-client", "api-client.mjs"],
  ["@daytonaio/api-client", "0.220.0", NPM, "@daytonaio/api-client", "api-client.mjs"],
  ["@daytonaio/api-client", "0.187.0", NPM, "api-client-0.187", "api-client.mjs"],
] as const)
  row(root, `${name} ${version}`, "DAYTONA_IAC_CLIENTS_NPM", async (at) => {
    const installed = join(at, "node_modules", folder);
    expect(versionOf(installed)).toBe(version);
    const command = [process.execPath, program(script)];
    await matches(`\`${name}\` (npm)`, version, { command, package: installed, uploads: script === "sdk.mjs" });
  });

/** The folder of `python-sdk` in which the SDK is, and the generated client beside it. */
const OLDER_PYTHON = PYTHON === undefined ? undefined : join(PYTHON, "sdk-0.190.0/bin/python");
for (const [version, python] of [
  ["0.226.1", NEWEST_PYTHON],
  ["0.190.0", OLDER_PYTHON],
] as const)
  for (const [kind, script] of [
    ["`Daytona`", "sdk.py"],
    ["`AsyncDaytona`", "sdk_async.py"],
  ] as const) {
    const name = `\`daytona\` (PyPI), ${kind}`;
    row(
      python,
      `${name} ${version}`,
      python === NEWEST_PYTHON ? "DAYTONA_IAC_PYTHON_SDK" : "DAYTONA_IAC_CLIENTS_PYTHON",
      async (at) => {
        const command = [at, program(script)];
        // Its storage client takes no HTTP. The row is about HTTPS, which the next test is about.
        const outcome = await matches(name, version, { command, uploads: true }, ["files"]);
        expect(outcome.files).toContain("BadScheme");
      },
    );
    row(
      python,
      `${name} ${version} sends files over HTTPS (mount)`,
      python === NEWEST_PYTHON ? "DAYTONA_IAC_PYTHON_SDK" : "DAYTONA_IAC_CLIENTS_PYTHON",
      async (at) => {
        await matches(name, version, { command: [at, program(script)], uploads: true, only: ["files"], tls: true });
      },
    );
  }

row(
  NEWEST_PYTHON === undefined ? undefined : PYTHON,
  "daytona-api-client 0.231.0",
  "DAYTONA_IAC_CLIENTS_PYTHON",
  async (at) => {
    await matches("`daytona-api-client` (PyPI)", "0.231.0", {
      command: [NEWEST_PYTHON!, program("api_client.py")],
      env: { PYTHONPATH: join(at, "api-client-0.231.0") },
      uploads: false,
    });
  },
);

row(GO, "libs/api-client-go v0.190.0", "DAYTONA_IAC_CLIENTS_GO, as there is no go here", async (binary) => {
  await matches("`github.com/daytonaio/daytona/libs/api-client-go` (Go)", "v0.190.0", {
    command: [binary],
    uploads: false,
  });
});
