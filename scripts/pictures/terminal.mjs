// A session on a real terminal (a pty), as lines of text with their colors and the time at which each came.
import { spawn } from "node:child_process";
import xterm from "@xterm/headless";

export const COLUMNS = 112;

const ON_TERMINAL = `
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(sys.argv[1]), 0, 0))
while True:
    try: part = os.read(terminal, 65536)
    except OSError: break
    if not part: break
    sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** Runs a command on a terminal of its own. Answers what it wrote, each part with its time in ms, and its exit code. */
function onTerminal(command, { cwd, env }) {
  const child = spawn("python3", ["-c", ON_TERMINAL, String(COLUMNS), ...command], {
    cwd,
    env: { ...env, TERM: "xterm-256color" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const begun = Date.now();
  const parts = [];
  child.stdout.on("data", (bytes) => parts.push({ at: Date.now() - begun, bytes }));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, parts, ms: Date.now() - begun }));
  });
}

/** Runs commands one after the other. Answers the lines of the screen: runs of one style each, and when the line came. */
export async function record(commands, options) {
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: 50, scrollback: 10_000, allowProposedApi: true });
  const write = (bytes) => new Promise((resolve) => terminal.write(bytes, resolve));
  const times = [];
  let clock = 0;
  const came = (at) => {
    const { baseY, cursorY } = terminal.buffer.active;
    for (let line = times.length; line <= baseY + cursorY; line++) times[line] = at;
  };
  for (const { shown, command, code } of commands) {
    if (terminal.buffer.active.cursorX > 0) await write("\r\n");
    await write(`\x1b[1;32m$\x1b[0m \x1b[1m${shown}\x1b[0m\r\n`);
    came(clock);
    const done = await onTerminal(command, options);
    if (done.code !== code)
      throw new Error(
        `${shown} ended with ${done.code}, not ${code}:\n${Buffer.concat(done.parts.map(({ bytes }) => bytes))}`,
      );
    for (const { at, bytes } of done.parts) {
      await write(bytes);
      came(clock + at);
    }
    clock += done.ms;
  }
  return linesOf(terminal, times, clock);
}

function linesOf(terminal, times, ms) {
  const { active } = terminal.buffer;
  const lines = [];
  for (let row = 0; row <= active.baseY + active.cursorY; row++)
    lines.push({ at: times[row] ?? ms, runs: runsOf(active.getLine(row)) });
  while (lines.length > 0 && lines.at(-1).runs.length === 0) lines.pop();
  return { lines, ms };
}

function runsOf(line) {
  const runs = [];
  let end = 0;
  for (let column = 0; column < line.length; column++) {
    const cell = line.getCell(column);
    const text = cell.getChars();
    if (text === "" || text === " ") continue;
    const style = styleOf(cell);
    const last = runs.at(-1);
    const gap = column - end;
    if (last !== undefined && last.style === style && gap <= 1) last.text += " ".repeat(gap) + text;
    else runs.push({ column, style, text });
    end = column + cell.getWidth();
  }
  return runs;
}

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

function styleOf(cell) {
  const color = cell.isFgPalette() ? cell.getFgColor() : -1;
  const name =
    color < 0 || color > 15
      ? ""
      : color === 8 || color === 7 || color === 15 || color === 0
        ? "soft"
        : COLORS[color % 8];
  return [color === 15 || color === 7 ? "" : name, cell.isBold() ? "bold" : "", cell.isDim() ? "soft" : ""]
    .filter((it) => it !== "")
    .join(" ");
}
