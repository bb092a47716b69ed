import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Argument, type Command } from "commander";
import { connect } from "../lifecycle";
import { cacheFolder } from "../source/hash/cache-folder";
import { exitCodes, type Io } from "./io";
import { type Done, newCommand, runCommand, type TopCommand } from "./run-command";

/** How long names are good for, in ms: a completion asks at every press of a key. */
const FRESH_MS = 15_000;
const ANSWER_MS = 3_000;
/** Commands that take the names of snapshots. */
const NAMED = ["get", "delete", "activate", "deactivate", "logs"];

const SCRIPTS: Record<string, string> = {
  bash: `_daytona_iac() {
  local IFS=$'\\n'
  COMPREPLY=($(daytona-iac completion --words "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _daytona_iac daytona-iac
`,
  zsh: `_daytona_iac() {
  local -a found
  found=("\${(@f)$(daytona-iac completion --words "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "\${found[1]}" ]] && compadd -a found || _files
}
compdef _daytona_iac daytona-iac
`,
  fish: `complete -c daytona-iac -a '(daytona-iac completion --words (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

/** The definition of `daytona-iac completion`. */
export function completionCommand(io: Io, done: Done): Command {
  return newCommand(io, "completion", "Print a script that completes commands, flags and names of snapshots")
    .addArgument(new Argument("<shell>").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", `
To load it:
  bash   source <(daytona-iac completion bash)                     in ~/.bashrc
  zsh    source <(daytona-iac completion zsh)                      in ~/.zshrc, after compinit
  fish   daytona-iac completion fish | source                      in ~/.config/fish/config.fish
`)
    .action((shell: string) => {
      io.out(SCRIPTS[shell]!);
      done(exitCodes.ok);
    });
}

/** `daytona-iac completion`. `--words`, for the scripts only, prints what the last word can become. */
export async function completion(argv: readonly string[], io: Io, commands: readonly TopCommand[]): Promise<number> {
  if (argv[0] !== "--words") return runCommand(io, completionCommand, argv);
  io.out((await candidates(argv.slice(1), io, commands)).map((word) => `${word}\n`).join(""));
  return exitCodes.ok;
}

/** What the last word can become. @param words after `daytona-iac`; the last one is being written, and may be empty @param commands all commands */
export async function candidates(words: readonly string[], io: Io, commands: readonly TopCommand[]): Promise<string[]> {
  const current = words.at(-1) ?? "";
  const fitting = (all: readonly string[]): string[] => all.filter((word) => word.startsWith(current));
  if (words.length <= 1) return fitting(commands.map(({ name }) => name));
  const { command: top } = commands.find(({ name }) => name === words[0]) ?? {};
  const silent = { ...io, out: () => undefined, err: () => undefined };
  const group = words[0] === "completion" ? completionCommand(silent, () => undefined) : top?.()(silent, () => undefined);
  if (group === undefined) return [];
  if (words.length === 2 && group.commands.length > 0) return fitting(group.commands.map((command) => command.name()));
  const command = group.commands.length === 0 ? group : group.commands.find((it) => it.name() === words[1] || it.aliases().includes(words[1]!));
  if (command === undefined) return [];
  const before = optionOf(command, words.at(-2)!);
  if (before !== undefined && (before.required || before.optional)) return fitting(before.argChoices ?? []);
  if (words.length === 2 && command.registeredArguments[0]?.argChoices) return fitting(command.registeredArguments[0].argChoices);
  if (current.startsWith("-")) return fitting(command.options.flatMap((option) => (option.long ? [option.long] : [])));
  return group.name() === "snapshot" && NAMED.includes(command.name()) ? fitting(await names(io)) : [];
}

function optionOf(command: Command, word: string): Command["options"][number] | undefined {
  return command.options.find((option) => option.long === word || option.short === word);
}

/** Names of the organization's snapshots, from a cache of a few seconds. Without an answer there are none. */
async function names(io: Io): Promise<string[]> {
  try {
    const connected = connect({}, io.env, { debug: () => undefined });
    const { apiUrl, credentials } = connected.connection;
    const folder = cacheFolder(io.env, process.platform, io.env["HOME"] || homedir());
    // The digest keeps organizations apart, and tells nothing of the key.
    const file = folder === undefined ? null : join(dirname(folder), "names", createHash("sha256").update(JSON.stringify([apiUrl, credentials])).digest("hex").slice(0, 32));
    if (file !== null && fresh(file)) return JSON.parse(readFileSync(file, "utf8")) as string[];
    try {
      const found = (await connected.listSnapshots({ general: false }, AbortSignal.timeout(ANSWER_MS))).map(({ name }) => name);
      if (file !== null) {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        writeFileSync(file, JSON.stringify(found), { mode: 0o600 });
      }
      return found;
    } finally {
      connected.close();
    }
  } catch {
    return [];
  }
}

function fresh(file: string): boolean {
  try {
    return Date.now() - statSync(file).mtimeMs < FRESH_MS;
  } catch {
    return false;
  }
}
