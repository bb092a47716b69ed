import { transformSync } from "@swc/core";
import { readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { runImport } from "../../../provider/cli/import/command";
import { version } from "../../../provider/version.gen";
import { IMPORTED, oddFleet } from "../../unit/cli/import/fleet";
import { install } from "./dynamic/package";
import { NodeStack } from "./dynamic/setup";
import { PATIENCE, describeWithPulumi, fixture, installPlugin, ok, type Stack } from "./setup";

jest.setTimeout(PATIENCE);

const { api, folder, stack } = fixture(
  (home) => {
    install(home);
    installPlugin(home);
  },
  (home, env, name) => new NodeStack(home, env, join(home, "node_modules"), name),
  { cronSeconds: 60, pullSeconds: 60 },
);

async function code(to: string, output: string, file: string): Promise<void> {
  let err = "";
  const ended = await runImport(["--all", "--to", to, "--output", output, "--import-file", file, "-q"], {
    out: () => undefined,
    err: (text) => void (err += text),
    env: {
      DAYTONA_API_URL: api().apiUrl,
      DAYTONA_API_KEY: api().apiKey,
      DAYTONA_RESOLVE_TAGS: "false",
      HOME: "/nonexistent",
    },
  });
  if (ended !== 0) throw new Error(err);
}

/** Imports by the file; then nothing changes, and nothing was written to the API. */
async function importsOnly(s: Stack): Promise<void> {
  api().control.clearRequests();
  const { text } = ok(
    await s.run(["import", "--file", "import.json", "--generate-code=false", "--protect=false", "--yes"]),
  );
  expect(text).toContain(`= ${IMPORTED} imported`);
  ok(await s.run(["preview", "--expect-no-changes"]));
  ok(await s.up("--expect-no-changes"));
  expect(
    api()
      .control.requests()
      .filter(({ method }) => method !== "GET"),
  ).toEqual([]);
}

describeWithPulumi("code for an odd fleet, in YAML", ["yaml"], () => {
  test("imports all of it, and then changes nothing", async () => {
    oddFleet(api());
    const s = await stack();
    await code("pulumi-yaml", join(s.program, "written.yaml"), join(s.program, "import.json"));
    // The stack of the test has the project "agents" already.
    writeFileSync(
      join(s.program, "Pulumi.yaml"),
      readFileSync(join(s.program, "written.yaml"), "utf8").replace("name: snapshots", "name: agents"),
    );
    await importsOnly(s);
  });
});

describeWithPulumi("code for an odd fleet, in TypeScript", ["nodejs"], () => {
  test("imports all of it, and then changes nothing", async () => {
    oddFleet(api());
    const s = await stack();
    await code("pulumi-typescript", join(s.program, "index.ts"), join(s.program, "import.json"));
    const { code: compiled } = transformSync(readFileSync(join(s.program, "index.ts"), "utf8"), {
      swcrc: false,
      jsc: { target: "es2022", parser: { syntax: "typescript" } },
      module: { type: "commonjs" },
    });
    s.write("index.js", compiled);
    await importsOnly(s);
  });
});

describeWithPulumi("code for an odd fleet, in Python", ["python"], () => {
  test("imports all of it, and then changes nothing", async () => {
    oddFleet(api());
    const s = (await stack()).copy(join(__dirname, "../../../examples/pulumi-python"));
    execFileSync("rm", ["-rf", join(s.program, "venv"), join(s.program, "sdks"), join(s.program, "__main__.py")]);
    await s.init();
    ok(
      await s.run([
        "package",
        "add",
        join(folder(), "plugins", `resource-daytona-v${version}`, "pulumi-resource-daytona"),
      ]),
    );
    await code("pulumi-python", join(s.program, "__main__.py"), join(s.program, "import.json"));
    await importsOnly(s);
  });
});
