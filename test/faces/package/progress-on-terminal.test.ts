import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";

jest.setTimeout(120_000);

const cli = join(__dirname, "../../../dist/cli/main.js");
const home = mkdtempSync(join(tmpdir(), "daytona-iac-terminal-"));
let api: LocalApi;
beforeAll(async () => void (api = await startLocalApi({ pullSeconds: 0.5, cronSeconds: 0.05 })));
afterEach(() => api.control.reset());
afterAll(async () => {
  await api.close();
  rmSync(home, { recursive: true, force: true });
});

/** util-linux's `script`: a real terminal. The one of BSD and macOS has other flags. */
const script = (() => {
  try {
    return /util-linux/.test(execFileSync("script", ["--version"]).toString());
  } catch {
    return false;
  }
})();
const onTerminal = script ? test : test.skip;

/** Runs the command on a terminal of this many columns. `typed` is what the user types once the text has appeared. */
async function run(
  columns: number,
  args: string[],
  typed?: { after: RegExp; keys: string },
): Promise<{ code: number | null; out: string; bytes: number }> {
  const command = `stty cols ${columns} rows ${columns === 0 ? 0 : 24}; exec ${[process.execPath, cli, ...args].map((part) => `'${part}'`).join(" ")}`;
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    TERM: "xterm",
    SHELL: "/bin/sh",
    DAYTONA_API_URL: api.apiUrl,
    DAYTONA_RESOLVE_TAGS: "false",
    DAYTONA_API_KEY: api.apiKey,
  };
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
    detached: true,
  });
  let [out, bytes, sent] = ["", 0, false];
  child.stdout.on("data", (data: Buffer) => {
    bytes += data.length;
    if (out.length < 1_000_000) out += data.toString();
    if (!sent && typed?.after.test(out)) {
      sent = true;
      child.stdin.write(typed.keys);
    }
  });
  const code = await new Promise<number | null>((resolve) => {
    // What spins without end has to be killed, with all its processes.
    const timer = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), 30_000);
    child.once("close", (ended) => (clearTimeout(timer), resolve(ended)));
  });
  return { code, out, bytes };
}

describe.each([0, 1, 7, 120])("on a terminal of %p columns", (columns) => {
  onTerminal("commands with progress end, and draw no more than they have to say", async () => {
    const created = await run(columns, ["snapshot", "create", "agent", "--image", "ubuntu:24.04"]);
    expect(created.code).toBe(0);
    expect(created.bytes).toBeLessThan(200_000);
    expect(api.control.snapshot("agent")?.state).toBe("active");
    const listed = await run(columns, ["snapshot", "list"]);
    expect([listed.code, listed.out.includes("agent")]).toEqual([0, true]);
    const pruned = await run(columns, ["prune"]);
    expect([pruned.code, pruned.bytes < 200_000]).toEqual([0, true]);
    expect((await run(columns, ["snapshot", "deactivate", "agent"])).code).toBe(0);
    const deleted = await run(columns, ["snapshot", "delete", "agent", "--yes"]);
    expect([deleted.code, api.control.snapshots()]).toEqual([0, []]);
    expect(deleted.bytes).toBeLessThan(200_000);
  });

  onTerminal("Ctrl-C ends a command that waits, and it says what exists", async () => {
    api.control.source({ image: "ubuntu:24.04", outcome: "hang" });
    const { code, out } = await run(columns, ["snapshot", "create", "agent", "--image", "ubuntu:24.04"], {
      after: /pull|pend|creat/i,
      keys: "\x03",
    });
    expect(code).toBe(1);
    expect(out).toContain('creating snapshot "agent": interrupted');
    // The cursor is shown again.
    expect(out.lastIndexOf("\x1b[?25h")).toBeGreaterThan(out.lastIndexOf("\x1b[?25l"));
  });
});
