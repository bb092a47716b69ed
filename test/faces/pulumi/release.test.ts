import { execFileSync, execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { PATIENCE, describeWithPulumi } from "./setup";

jest.setTimeout(PATIENCE);

const packer = pathToFileURL(join(__dirname, "../../../scripts/release-tar.mjs")).href;
const STUB = "#!/bin/sh\necho a plugin\n";

/** An archive as `npm run release` packs the plugin, with a script in its place. */
function archive(dir: string, name: string): string {
  const file = join(dir, name);
  const program = `import { tarGz } from ${JSON.stringify(packer)}; import { writeFileSync } from "node:fs";
    writeFileSync(${JSON.stringify(file)}, tarGz([{ name: "pulumi-resource-daytona", bytes: Buffer.from(${JSON.stringify(STUB)}), mode: 0o755 }, { name: "LICENSE", bytes: Buffer.alloc(1024, "x"), mode: 0o644 }]));`;
  execFileSync(process.execPath, ["--input-type=module", "-e", program]);
  return file;
}

describe("the archive of the native plugin", () => {
  const dir = mkdtempSync(join(tmpdir(), "daytona-iac-release-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test("is one that tar reads, with the modes, and the same bytes each time", () => {
    const file = archive(dir, "a.tar.gz");
    execFileSync("tar", ["-xzf", file, "-C", dir]);
    expect(readFileSync(join(dir, "pulumi-resource-daytona"), "utf8")).toBe(STUB);
    expect(readFileSync(join(dir, "LICENSE"), "utf8")).toBe("x".repeat(1024));
    if (process.platform !== "win32")
      expect([
        statSync(join(dir, "pulumi-resource-daytona")).mode & 0o777,
        statSync(join(dir, "LICENSE")).mode & 0o777,
      ]).toEqual([0o755, 0o644]);
    expect(readFileSync(archive(dir, "b.tar.gz")).equals(readFileSync(file))).toBe(true);
  });
});

describeWithPulumi("the archive of the native plugin, under pulumi", [], () => {
  test("is found by its name at a download address, and installed", async () => {
    const dir = mkdtempSync(join(tmpdir(), "daytona-iac-release-"));
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end(readFileSync(archive(dir, "served.tar.gz")));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const env = { ...process.env, PULUMI_HOME: join(dir, "home"), PULUMI_SKIP_UPDATE_CHECK: "1" };
      await promisify(execFile)(
        "pulumi",
        [
          "plugin",
          "install",
          "resource",
          "daytona",
          "0.1.0",
          "--server",
          `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          "--non-interactive",
        ],
        { env },
      );
      const arch = { x64: "amd64", arm64: "arm64" }[process.arch as "x64" | "arm64"];
      const os = process.platform === "win32" ? "windows" : process.platform;
      expect(asked).toEqual([`/pulumi-resource-daytona-v0.1.0-${os}-${arch}.tar.gz`]);
      expect(readFileSync(join(dir, "home/plugins/resource-daytona-v0.1.0/pulumi-resource-daytona"), "utf8")).toBe(
        STUB,
      );
    } finally {
      server.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
