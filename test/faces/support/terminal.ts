import { spawn } from "node:child_process";

const ON_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp("sh", ["sh", "-c", sys.argv[1]])
told, typed = b"", False
while True:
    try: part = os.read(terminal, 4096)
    except OSError: break
    if not part: break
    told += part
    if sys.argv[2].encode() in told and not typed:
        typed = True
        os.write(terminal, eval(sys.argv[3]))
sys.stdout.buffer.write(told)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/**
 * Runs a command on a terminal of its own, and types an answer when it has asked.
 * @param question end of the question @param answer bytes as Python writes them: `b"yes\\r"`
 */
export function onTerminal(
  command: string,
  question: string,
  answer: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; out: string }> {
  const child = spawn("python3", ["-c", ON_TERMINAL, command, question, answer], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.on("data", (data: Buffer) => void (out += data.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out })));
}
