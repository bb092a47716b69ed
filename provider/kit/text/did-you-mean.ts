/** ` Did you mean "local"?`, by commander's own search; empty if nothing is close. @param names what can be meant; a name may be there twice */
export function didYouMean(word: string, names: readonly string[]): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- for a wrong word only
  const { Command } = require("commander") as typeof import("commander");
  let text = "";
  // The words are not commands of this program: "help" must print nothing.
  const program = new Command("x")
    .exitOverride()
    .helpCommand(false)
    .helpOption(false)
    .configureOutput({ writeOut: () => undefined, writeErr: (error) => (text += error) });
  for (const name of new Set(names)) program.addCommand(new Command(name).action(() => undefined));
  try {
    // A word with a dash in front would be a flag.
    program.parse([word.replace(/^-+/, "")], { from: "user" });
  } catch {
    // Said in `text`.
  }
  const found = /Did you mean (?:one of )?([^?]+)\?/.exec(text)?.[1];
  return found === undefined
    ? ""
    : ` Did you mean ${found
        .split(", ")
        .map((name) => `"${name}"`)
        .join(" or ")}?`;
}
