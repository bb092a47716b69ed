import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const cli = join(__dirname, "../../../dist/cli/main.js");

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  err: string;
}

/** `daytona-iac local …` as a process of its own; one that does not end within 20 s is killed, and fails the test. */
function local(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, "local", ...args], { stdio: ["ignore", "ignore", "pipe"] });
    const limit = setTimeout(() => child.kill("SIGKILL"), 20_000);
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ code, signal, err });
    });
  });
}

const folder = mkdtempSync(join(tmpdir(), "daytona-iac-local-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a start that fails ends with a status and a reason, and leaves no process", () => {
  test.each([
    [
      "a folder that is not there",
      () => ["--data", join(folder, "no/such/s.json")],
      1,
      /^Error: the data file .*s\.json cannot be used: its folder does not exist\. Create it, or choose another path\n$/,
    ],
    [
      "a data file that is a folder",
      () => (mkdirSync(join(folder, "dir.json")), ["--data", join(folder, "dir.json")]),
      1,
      /^Error: the data file .*dir\.json cannot be read: it is a folder \(EISDIR\)\. Choose another path, or make it a file that this user can read\n$/,
    ],
    [
      "a data path below a file",
      () => ["--data", join(__filename, "s.json")],
      1,
      /^Error: the data file .*s\.json cannot be used: part of its path is a file, not a folder\. Choose another path\n$/,
    ],
    [
      "a data file of another kind",
      () => (writeFileSync(join(folder, "other.json"), '{"version":7}'), ["--data", join(folder, "other.json")]),
      1,
      /^Error: .*other\.json is not a data file of the local API \(version is not 1\)\. Choose another file, or delete it\n$/,
    ],
    ["an option that is not there", () => ["--nope"], 64, /^Error: unknown option '--nope'/],
    [
      "a command that is not there",
      () => ["--", "no-such-command-anywhere"],
      127,
      /Error: cannot run no-such-command-anywhere: not found\n$/,
    ],
    [
      "a command that cannot be run",
      () => ["--", folder],
      126,
      /Error: cannot run .*: permission denied \(EACCES\)\n$/,
    ],
  ])("%s", async (_, args, code, err) => {
    const ended = await local(...args(), ...(code === 1 ? ["--", process.execPath, "--version"] : []));
    expect(ended).toEqual({ code, signal: null, err: expect.stringMatching(err) as string });
  });

  test("a port in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const data = join(folder, "port.json");
    expect(await local("--port", String(port), "--data", data)).toEqual({
      code: 1,
      signal: null,
      err: `Error: port ${port} is already in use. Choose another port, or omit --port to use any free one\n`,
    });
    server.close();
    // The file is free again.
    expect((await local("--data", data, "--", process.execPath, "--version")).code).toBe(0);
  });

  test("a folder that may not be written", async () => {
    // Root may write everywhere but where the system keeps no files.
    const closed = process.getuid?.() === 0 ? "/sys" : join(folder, "closed");
    if (closed !== "/sys") mkdirSync(closed, { mode: 0o500 });
    expect(await local("--data", join(closed, "s.json"))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/s\.json cannot be used: permission denied\n$/) as string,
    });
  });
});

test("a command that a signal ends ends this one as a shell would say it", async () => {
  expect((await local("--", process.execPath, "-e", 'process.kill(process.pid, "SIGKILL")')).code).toBe(137);
});

test("a data file that is in use: the second start says who has it", async () => {
  const data = join(folder, "shared.json");
  const nested = [cli, "local", "--data", data, "--", process.execPath, "--version"];
  const ended = await local("--data", data, "--", process.execPath, ...nested);
  expect(ended.code).toBe(1);
  expect(ended.err).toMatch(
    /Error: .*shared\.json is in use by another local API \(process \d+, since .*, http:\/\/127\.0\.0\.1:\d+\/api\)\. Use that one, stop it, or choose another file\.\n$/,
  );
});
