import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const cli = join(__dirname, "../../../dist/cli/main.js");
const env = {
  PATH: process.env["PATH"],
  HOME: "/nonexistent",
  DAYTONA_API_URL: "http://127.0.0.1:1/api",
  DAYTONA_API_KEY: "k12345678",
};

/** A shell line in which `$CLI` is the command line. */
function shell(line: string): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync("bash", ["-c", line], {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...env, CLI: `${process.execPath} ${cli}` },
  });
  return { status, out: stdout, err: stderr };
}

(existsSync("/dev/full") ? describe : describe.skip)("a disk that is full where the output goes", () => {
  const said = "daytona-iac: the output cannot be written: no space left on the device (ENOSPC).\n";

  test.each(["version", "help", "completion bash", "drift --help", "doctor"])("%s: one sentence, and 1", (command) => {
    expect(shell(`$CLI ${command} >/dev/full`)).toEqual({ status: 1, out: "", err: said });
  });

  test("local does not go on without having told its address", () => {
    expect(shell("$CLI local >/dev/full")).toEqual({ status: 1, out: "", err: said });
  });

  test("standard error that is full loses the message, not the exit code", () => {
    expect(shell("$CLI nothing 2>/dev/full")).toEqual({ status: 64, out: "", err: "" });
    expect(shell("$CLI version >/dev/full 2>/dev/full")).toMatchObject({ status: 1 });
  });
});

test("a reader that has enough is no error, and the command's own exit code counts", () => {
  expect(shell("set -o pipefail; $CLI help | head -0")).toEqual({ status: 0, out: "", err: "" });
  expect(shell("(sleep 0.5; true) < <($CLI help)")).toMatchObject({ status: 0, err: "" });
  expect(shell("$CLI doctor | head -0; exit ${PIPESTATUS[0]}")).toEqual({ status: 1, out: "", err: "" });
  expect(shell("$CLI nothing 2>&1 >/dev/null | head -0; exit ${PIPESTATUS[0]}")).toMatchObject({ status: 64, err: "" });
});
