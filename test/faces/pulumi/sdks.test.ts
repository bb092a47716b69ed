import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { version } from "../../../provider/version.gen";
import { PATIENCE, describeWithPulumi } from "./setup";

jest.setTimeout(PATIENCE);

const schema = JSON.parse(readFileSync(join(__dirname, "../../../schema.json"), "utf8")) as {
  publisher: string;
  pluginDownloadURL: string;
};
const server = schema.pluginDownloadURL;
/** Names of the environment that a generated SDK must not read: it would store their values in the state, in plaintext. */
const environment = /DAYTONA_[A-Z_]+/;

/** What `pulumi package gen-sdk` makes for one language: each file's text by its path. */
async function generated(language: string): Promise<Map<string, string>> {
  const dir = mkdtempSync(join(tmpdir(), "daytona-iac-sdk-"));
  // The host for .NET downloads a logo: from here, so that no network is needed.
  const logo = await listening(createServer((_request, response) => response.end("a logo")));
  try {
    const source = join(dir, "schema.json");
    writeFileSync(
      source,
      JSON.stringify({ ...schema, logoUrl: `http://127.0.0.1:${(logo.address() as AddressInfo).port}/logo.png` }),
    );
    const env = {
      ...process.env,
      PULUMI_HOME: join(dir, "home"),
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "1",
    };
    await promisify(execFile)(
      "pulumi",
      ["package", "gen-sdk", source, "--language", language, "--out", join(dir, "out"), "--non-interactive"],
      { env },
    );
    const out = join(dir, "out", language);
    expect(existsSync(out)).toBe(true);
    const files = readdirSync(out, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    return new Map(files.map((file) => [file.slice(out.length + 1).replace(/\\/g, "/"), readFileSync(file, "utf8")]));
  } finally {
    logo.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function listening(http: Server): Promise<Server> {
  return new Promise((resolve) => http.listen(0, "127.0.0.1", () => resolve(http)));
}

const all = (files: Map<string, string>): string => [...files.values()].join("\n");
const plugin = (text: string | undefined): unknown => JSON.parse(text ?? "null");
const described = { resource: true, name: "daytona", version, server };

describeWithPulumi("the SDK for Node.js", ["nodejs"], () => {
  test("is @daytona-iac/pulumi-daytona, and finds its plugin", async () => {
    const files = await generated("nodejs");
    const json = JSON.parse(files.get("package.json") ?? "null") as Record<string, unknown>;
    expect(json).toMatchObject({
      name: "@daytona-iac/pulumi-daytona",
      version,
      pulumi: { resource: true, name: "daytona", version, server },
    });
    expect(files.get("snapshot.ts")).toContain("'daytona:index:Snapshot'");
    expect(files.get("snapshot.ts")).toContain(`aliases: [{ type: "pulumi-nodejs:dynamic/daytona:Snapshot" }]`);
    for (const name of ["apiKey", "jwtToken"])
      expect(files.get("provider.ts")).toContain(`pulumi.secret(args.${name})`);
    expect(all(files)).not.toMatch(environment);
  });
});

describeWithPulumi("the SDK for Python", ["python"], () => {
  test("is daytona_iac_pulumi, and finds its plugin", async () => {
    const files = await generated("python");
    expect(files.get("pyproject.toml")).toContain('name = "daytona_iac_pulumi"');
    expect(files.get("pyproject.toml")).toContain(`version = "${version}"`);
    expect(plugin(files.get("daytona_iac_pulumi/pulumi-plugin.json"))).toEqual(described);
    expect(files.get("daytona_iac_pulumi/snapshot.py")).toContain("'daytona:index:Snapshot'");
    for (const name of ["api_key", "jwt_token"])
      expect(files.get("daytona_iac_pulumi/provider.py")).toContain(`pulumi.Output.secret(${name})`);
    expect(all(files)).not.toMatch(environment);
  });
});

describeWithPulumi("the SDK for Go", ["go"], () => {
  test("is imported from its own path, and finds its plugin", async () => {
    const files = await generated("go");
    expect(plugin(files.get("daytona/pulumi-plugin.json"))).toEqual(described);
    expect(files.get("daytona/snapshot.go")).toContain('"github.com/daytona-iac/daytona-iac/sdk/go/daytona/internal"');
    expect(files.get("daytona/snapshot.go")).toContain('"daytona:index:Snapshot"');
    expect(files.get("daytona/provider.go")).toContain("args.ApiKey = pulumi.ToSecret(args.ApiKey)");
    expect(all(files)).not.toContain("github.com/pulumi/pulumi-daytona");
    expect(all(files)).not.toMatch(environment);
  });
});

describeWithPulumi("the SDK for .NET", ["dotnet"], () => {
  test("is DaytonaIac.Pulumi.Daytona, and finds its plugin", async () => {
    const files = await generated("dotnet");
    expect(plugin(files.get("pulumi-plugin.json"))).toEqual(described);
    const [project = ""] = [...files.keys()].filter((file) => file.endsWith(".csproj"));
    expect(project).toBe("DaytonaIac.Pulumi.Daytona.csproj");
    expect(files.get(project)).toContain(`<Authors>${schema.publisher}</Authors>`);
    expect(files.get("Daytona/Snapshot.cs")).toMatch(/^namespace DaytonaIac\.Pulumi\.Daytona$/m);
    expect(files.get("Daytona/Snapshot.cs")).toContain('"daytona:index:Snapshot"');
    for (const name of ["_apiKey", "_jwtToken"])
      expect(files.get("Daytona/Provider.cs")).toMatch(new RegExp(`${name} = Output\\.Tuple<[^;]*emptySecret`));
    expect(all(files)).not.toMatch(environment);
  });
});
