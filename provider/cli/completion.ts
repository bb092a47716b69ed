import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Argument, type Command } from "commander";
import { connect, type Connected } from "../lifecycle";
import { commandOf } from "../kit/spell";
import { inPlaceResources } from "../resources";
import { cacheFolder } from "../source/hash/cache-folder";
import { exitCodes, type Io } from "./io";
import { type Done, newCommand, runCommand, type TopCommand } from "./run-command";

/** How long names are good for, in ms: a completion asks at every press of a key. */
const FRESH_MS = 15_000;
const ANSWER_MS = 3_000;
/** What commands call an argument for something that exists. */
const EXISTING = "name-or-id";

/** Names that a shell takes as they are. It puts a completion into the line unquoted. */
const PLAIN = /^[\w.:/@+-]+$/;

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
  return newCommand(
    io,
    "completion",
    "Print a script that completes commands, flags and the names of existing snapshots and registries",
  )
    .addArgument(new Argument("<shell>").choices(Object.keys(SCRIPTS)))
    .addHelpText(
      "after",
      `
To load it:
  bash   source <(daytona-iac completion bash)                     in ~/.bashrc
  zsh    source <(daytona-iac completion zsh)                      in ~/.zshrc, after compinit
  fish   daytona-iac completion fish | source                      in ~/.config/fish/config.fish
`,
    )
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
  const all = await possible(words, io, commands);
  return all.filter((word) => word.startsWith(current));
}

/** What can stand in the place of the last word, whatever it begins with. */
async function possible(words: readonly string[], io: Io, commands: readonly TopCommand[]): Promise<readonly string[]> {
  const [first, second] = words;
  if (first === undefined || second === undefined) return commands.map(({ name }) => name);
  const group = commandNamed(first, io, commands);
  if (group === undefined) return [];
  if (group.commands.length === 0) return possibleAfter(group, words, group, io);
  if (words.length === 2) return group.commands.map((command) => command.name());
  const command = group.commands.find((it) => it.name() === second || it.aliases().includes(second));
  return command === undefined ? [] : possibleAfter(command, words, group, io);
}

/** A command as it is defined, with those that it has. Completing prints nothing of it. */
function commandNamed(word: string, io: Io, commands: readonly TopCommand[]): Command | undefined {
  const silent = { ...io, out: () => undefined, err: () => undefined };
  const done = (): undefined => undefined;
  if (word === "completion") return completionCommand(silent, done);
  const { command: define } = commands.find(({ name }) => name === word) ?? {};
  return define?.()(silent, done);
}

/** Flags, values and names that a command takes. @param group what it belongs to; its own, where it stands alone */
async function possibleAfter(
  command: Command,
  words: readonly string[],
  group: Command,
  io: Io,
): Promise<readonly string[]> {
  const before = optionOf(command, words.at(-2)!);
  if (before !== undefined && (before.required || before.optional)) return before.argChoices ?? [];
  const [argument] = command.registeredArguments;
  if (words.length === 2 && argument?.argChoices) return argument.argChoices;
  if (words.at(-1)!.startsWith("-")) return command.options.flatMap((option) => (option.long ? [option.long] : []));
  return argument?.name() === EXISTING ? (await names(io, group.name())).filter((name) => PLAIN.test(name)) : [];
}

function optionOf(command: Command, word: string): Command["options"][number] | undefined {
  return command.options.find((option) => option.long === word || option.short === word);
}

/** Names of the organization's snapshots, or of another resource, from a cache of a few seconds. Without an answer there are none. */
async function names(io: Io, command: string): Promise<string[]> {
  try {
    const connected = connect({}, io.env, { debug: () => undefined });
    const { apiUrl, credentials } = connected.connection;
    const folder = cacheFolder(io.env, process.platform, io.env["HOME"] || homedir());
    // The digest keeps organizations apart, each of which has its own key, and tells nothing of the key.
    const file =
      folder === undefined
        ? null
        : join(
            dirname(folder),
            "names",
            createHash("sha256")
              .update(JSON.stringify([command, apiUrl, credentials.organizationId, credentials.token()]))
              .digest("hex")
              .slice(0, 32),
          );
    const kept = file === null ? null : cached(file);
    if (kept !== null) return kept;
    try {
      const found = await read(connected, command, AbortSignal.timeout(ANSWER_MS));
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

/** A name that several have says nothing, so that these are named by their UUIDs. */
async function read(connected: Connected, command: string, signal: AbortSignal): Promise<string[]> {
  const definition = inPlaceResources.find((it) => commandOf(it.noun) === command);
  if (definition === undefined)
    return (await connected.listSnapshots({ general: false }, signal)).map(({ name }) => name);
  const all = await connected.inPlace(definition).list(signal);
  return all.map(({ name, id }) => (all.filter((it) => it.name === name).length === 1 ? name : id));
}

/** What the cache has; null if it is old, or not what `names` writes. */
function cached(file: string): string[] | null {
  try {
    if (Date.now() - statSync(file).mtimeMs >= FRESH_MS) return null;
    const kept: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Array.isArray(kept) && kept.every((name) => typeof name === "string") ? kept : null;
  } catch {
    return null;
  }
}
