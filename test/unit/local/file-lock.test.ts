import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalApi } from "../../../provider/local";
import { closeAll, start } from "./harness";

let folder: string;
let data: string;
let other: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-lock-"));
  data = join(folder, "s.json");
});
afterEach(async () => {
  await closeAll();
  other?.kill("SIGKILL");
  other = undefined;
  rmSync(folder, { recursive: true });
});

/** Another living process, and when it started as the system counts it. */
async function process2(): Promise<{ pid: number; started: string | null }> {
  other = spawn(process.execPath, ["-e", "console.log(1); setInterval(() => {}, 1000)"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(other.stdout!, "data");
  const pid = other.pid!;
  const stat = process.platform === "linux" ? readFileSync(`/proc/${pid}/stat`, "utf8") : null;
  return { pid, started: stat === null ? null : (stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null) };
}

test("a second API with the same file is told who has it, and changes nothing", async () => {
  const first = await start({ data });
  first.control.insert({ name: "agent" });
  symlinkSync(data, join(folder, "link.json"));
  for (const file of [data, join(folder, ".", "s.json"), join(folder, "link.json")]) {
    await expect(startLocalApi({ data: file })).rejects.toThrow(
      new RegExp(
        `^${file.replace(/[/.]/g, "\\$&")} is in use by another local API \\(process ${process.pid}, since \\d{4}-.*Z, ${first.apiUrl}\\)\\. Use that one, stop it, or choose another file\\.$`,
      ),
    );
  }
  await first.close();
  expect(readdirSync(folder).sort()).toEqual(["link.json", "s.json"]);
  const second = await start({ data });
  expect(second.control.snapshots().map((snapshot) => snapshot.name)).toEqual(["agent"]);
});

// Only Linux tells that a process has ended whose parent has not asked.
(process.platform === "linux" ? test : test.skip)(
  "a process that has ended keeps nothing, be it waited for or not",
  async () => {
    // The child ends only after the shell has become a program that never asks for it: a shell would.
    const script = "while ! grep -q sleep /proc/$$/comm; do :; done & echo $!; exec sleep 30";
    other = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = (await once(other.stdout!, "data")) as [Buffer];
    const pid = Number(line.toString());
    const fieldsOf = (): string[] => {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    };
    while (fieldsOf()[0] !== "Z") await new Promise((resolve) => setTimeout(resolve, 5));
    const holder = { pid, started: fieldsOf()[19], since: "2026-01-02T03:04:05.000Z", apiUrl: null };
    writeFileSync(`${data}.lock`, JSON.stringify(holder));
    await start({ data });
    expect(JSON.parse(readFileSync(`${data}.lock`, "utf8"))).toMatchObject({ pid: process.pid });
  },
);

test("another living process keeps its file", async () => {
  writeFileSync(
    `${data}.lock`,
    JSON.stringify({ ...(await process2()), since: "2026-01-02T03:04:05.000Z", apiUrl: null }),
  );
  await expect(startLocalApi({ data })).rejects.toThrow(
    `${data} is in use by another local API (process ${other?.pid}, since 2026-01-02T03:04:05.000Z). Use that one`,
  );
  expect(existsSync(data)).toBe(false);
  expect(readdirSync(folder)).toEqual(["s.json.lock"]);
});

describe("a stale lock is taken over", () => {
  test("of a process that was killed", async () => {
    const dead = await process2();
    writeFileSync(`${data}.lock`, JSON.stringify({ ...dead, since: "x", apiUrl: null }));
    other!.kill("SIGKILL");
    await once(other!, "exit");
    await start({ data });
    expect(JSON.parse(readFileSync(`${data}.lock`, "utf8"))).toMatchObject({ pid: process.pid });
  });

  (process.platform === "linux" ? test : test.skip)("whose process ID belongs to a later process now", async () => {
    const { pid } = await process2();
    writeFileSync(`${data}.lock`, JSON.stringify({ pid, started: "1", since: "x", apiUrl: null }));
    await start({ data });
  });

  test("that is no lock at all", async () => {
    writeFileSync(`${data}.lock`, "half a li");
    await start({ data });
  });
});

test("a start that fails leaves no lock behind", async () => {
  writeFileSync(data, "[]");
  await expect(startLocalApi({ data })).rejects.toThrow(`${data} is not a data file of the local API`);
  expect(readdirSync(folder)).toEqual(["s.json"]);
});
