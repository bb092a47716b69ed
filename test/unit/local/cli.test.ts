import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runLocal } from "../../../provider/local/cli";

function terminal() {
  const signals = new EventEmitter();
  const out: string[] = [];
  const err: string[] = [];
  return {
    out,
    err,
    signals,
    io: {
      stdout: { write: (text: string) => out.push(text) },
      stderr: { write: (text: string) => err.push(text) },
      env: process.env,
      signals: signals as unknown as NodeJS.Process,
      terminal: false,
    },
  };
}

async function said(lines: string[]): Promise<string> {
  const deadline = Date.now() + 8000;
  while (lines.length === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 5));
  return lines.join("");
}

test.each([
  [["--port", "eighty"], '--port must be a whole number from 0 to 65535, not "eighty"'],
  [["--port", "70000"], '--port must be a whole number from 0 to 65535, not "70000"'],
  [["--pull-seconds", "-1"], "--pull-seconds"],
  [["--latency-ms", "1e9"], '--latency-ms must be a number from 0 to 2000000, not "1e9"'],
  [["--snapshot-quota", "2.5"], '--snapshot-quota must be a whole number from 0 to 2000000, not "2.5"'],
  [["--generation", "v1"], '--generation must be v0 or v2, not "v1"'],
  [["--format", "yaml"], '--format must be text or json, not "yaml"'],
  [["--data", ""], "--data requires the path of a file"],
  [["--nope"], "unknown option '--nope'"],
  [["terraform", "plan"], 'unexpected argument "terraform"; put the command to run after --'],
  [["--"], '-- must be followed by a command. If you wrote $SHELL, it is empty: specify a shell, such as "bash"'],
  [["--format", "json", "--", "true"], "--format cannot be used with a command"],
])("%j is wrong usage", async (argv, message) => {
  const { io, err, out } = terminal();
  expect(await runLocal(argv, io)).toBe(64);
  expect(err.join("")).toContain(`Error: `);
  expect(err.join("")).toContain(message);
  expect(out).toEqual([]);
});

test("says in one line of JSON that it is ready, and ends on a signal", async () => {
  const { io, out, signals } = terminal();
  const code = runLocal(["--format", "json", "--pull-seconds", "0.01"], io);
  const ready = JSON.parse(await said(out)) as { apiUrl: string; apiKey: string; pid: number };
  expect(out).toHaveLength(1);
  expect(Object.keys(ready)).toEqual(["apiUrl", "apiKey", "pid"]);
  expect(ready.pid).toBe(process.pid);
  const answer = await fetch(`${ready.apiUrl}/snapshots`, { headers: { authorization: `Bearer ${ready.apiKey}` } });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("x-daytona-local")).toContain("simulated");
  signals.emit("SIGTERM", "SIGTERM");
  expect(await code).toBe(0);
  expect(signals.eventNames().filter((name) => signals.listenerCount(name) > 0)).toEqual([]);
});

test("says plainly that nothing is real", async () => {
  const { io, out, signals } = terminal();
  const code = runLocal([], io);
  expect(await said(out)).toMatch(
    /builds and pulls are only simulated[^]*export DAYTONA_API_URL=http:\/\/127\.0\.0\.1:\d+\/api\nexport DAYTONA_API_KEY=dtn_/,
  );
  signals.emit("SIGINT", "SIGINT");
  expect(await code).toBe(0);
});

test("runs a command with the address and the key, and ends with its code", async () => {
  const { io, err } = terminal();
  const script =
    "fetch(process.env.DAYTONA_API_URL + '/snapshots', { headers: { authorization: 'Bearer ' + process.env.DAYTONA_API_KEY } }).then((r) => process.exit(process.env.DAYTONA_PROFILE ? 1 : r.status - 193))";
  expect(
    await runLocal(["--snapshot-quota", "3", "--", process.execPath, "-e", script], {
      ...io,
      env: { ...process.env, DAYTONA_PROFILE: "work" },
    }),
  ).toBe(7);
  expect(err.join("")).toContain("builds and pulls are only simulated");
});

test.each([
  ["/bin/bash", [], true],
  ["sh", [], true],
  ["C:\\Windows\\cmd.exe", [], true],
  ["bash", ["-c", "true"], false],
  ["terraform", [], false],
  ["nosh", [], false],
])("%s %j is a shell for a person: %s", async (file, args, shell) => {
  const { io, err } = terminal();
  // None of them is found, so none starts.
  await runLocal(["--", file.replace(/^(sh|bash)$/, "/nonexistent/$1").replace("/bin/", "/nonexistent/"), ...args], io);
  const text = 'DAYTONA_API_URL and DAYTONA_API_KEY are set in this shell. Type "exit" to leave it and stop the API.';
  expect(err.join("").includes(text)).toBe(shell);
});

test("every run has the same organization, so that a state of one run can be read by the next", async () => {
  const script =
    "fetch(process.env.DAYTONA_API_URL + '/object-storage/push-access', { headers: { authorization: 'Bearer ' + process.env.DAYTONA_API_KEY } }).then((r) => r.json()).then((j) => require('fs').writeFileSync(process.env.OUT, j.organizationId))";
  const ids: string[] = [];
  for (let run = 0; run < 2; run++) {
    const file = join(mkdtempSync(join(tmpdir(), "daytona-local-cli-")), "organization");
    expect(
      await runLocal(["--", process.execPath, "-e", script], { ...terminal().io, env: { ...process.env, OUT: file } }),
    ).toBe(0);
    ids.push(readFileSync(file, "utf8"));
  }
  expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(ids[1]).toBe(ids[0]);
});

test("says how to keep what a command made, where nothing keeps it", async () => {
  const forgetful = terminal();
  await runLocal(["--", process.execPath, "-e", ""], forgetful.io);
  expect(forgetful.err.join("")).toContain("Use --data FILE to keep them");
  const keeping = terminal();
  await runLocal(
    ["--data", join(mkdtempSync(join(tmpdir(), "daytona-local-cli-")), "data.json"), "--", process.execPath, "-e", ""],
    keeping.io,
  );
  expect(keeping.err.join("")).not.toContain("--data FILE");
});

test("hands signals on to the command", async () => {
  const { io, signals, err } = terminal();
  const code = runLocal(["--", process.execPath, "-e", "setTimeout(() => {}, 60000)"], io);
  await said(err);
  while (signals.listenerCount("SIGTERM") === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  signals.emit("SIGTERM", "SIGTERM");
  expect(await code).toBe(143);
});

test.each([
  [true, 143],
  [false, 130],
])(
  "a Ctrl-C that the terminal sends to the command as well is not sent twice (terminal: %s)",
  async (terminalSends, ended) => {
    const { io, signals, err } = terminal();
    const code = runLocal(["--", process.execPath, "-e", "setTimeout(() => {}, 60000)"], {
      ...io,
      terminal: terminalSends,
    });
    await said(err);
    while (signals.listenerCount("SIGTERM") === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    signals.emit("SIGINT", "SIGINT");
    await new Promise((resolve) => setTimeout(resolve, terminalSends ? 300 : 0));
    signals.emit("SIGTERM", "SIGTERM");
    expect(await code).toBe(ended);
  },
);

test("a command that is not there", async () => {
  const { io, err } = terminal();
  expect(await runLocal(["--", "no-such-command-here"], io)).toBe(127);
  expect(err.join("")).toContain("cannot run no-such-command-here: not found");
});

test("a port that is taken", async () => {
  const { io, err } = terminal();
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  expect(await runLocal(["--port", String(port)], io)).toBe(1);
  expect(err.join("")).toBe(
    `Error: port ${port} is already in use. Choose another port, or omit --port to use any free one\n`,
  );
  server.close();
});

test("a data file that cannot be saved at the end is named, and the command ends with 1", async () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-local-cli-"));
  const { io, err } = terminal();
  // The command deletes the folder of the data file.
  const script = `require("fs").rmSync(${JSON.stringify(folder)}, { recursive: true })`;
  expect(await runLocal(["--data", join(folder, "s.json"), "--", process.execPath, "-e", script], io)).toBe(1);
  expect(err.join("")).toContain(
    `Error: the data file ${join(folder, "s.json")} could not be saved: it does not exist (ENOENT)`,
  );
});
