import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { commands } from "../../../provider/cli/commands";

/** Words that made readers stop, and what to write instead. Each was replaced everywhere; a new text must not bring it back. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [
    /\b\w*(?:avour|olour|onour|ehaviour)\w*|\blicence|\bcatalogue|\bcancelled|\b(?:organ|initial|serial|recogn|normal)is(?:e|ed|es|ing|ation)\b/i,
    "American spelling",
  ],
  [/\btime stamps?\b/i, "timestamp"],
  [/\bends? with (?:exit code |status )?[0-9]\b/i, "exits with status"],
  [/\bwrong usage\b/i, "usage error"],
  [/\bin none of the\w* \w*\s?states\b|\bno given state has\b/i, "unmanaged"],
  [/\bfrom 1 on\b|, from 1\b/i, "at least 1"],
  [/; got /i, "(got …)"],
  [/\b(?:some|no|every)body\b/i, "someone or everyone"],
  [/\bvanish|\bmends?\b|\breally (?:ready|gone|active)\b/i, "disappear, repair, active, deleted"],
  [/\b(?:is|are|was|were) not applied\b/i, "unapplied change"],
  [/\btells? \S+ from\b|\btells? .{0,40}\bapart\b/i, "distinguishes"],
  [/\bwhat exists\b|\bsnapshots that exist\b/i, "existing snapshots"],
  [/\bmade again\b|\bmakes? it anew\b|\bcreates? it again\b/i, "recreate"],
  [/\bcan go\b/i, "can be removed"],
  [/\bstart from the name\b/i, "be created with this name"],
  [/\bany more\b/i, "no longer"],
  [/\b(?:deleted?|deactivated|activated) by hand\b/i, "manually"],
  [/\b(?:is|are|was|were) not known\b(?! yet)|\bcannot be known\b/i, "is unknown"],
  [/\btells? (?:of|no|nothing|what|how|who|which)\b|\b(?:is|are|was|were) told\b/i, "reports, returns or says"],
  [/\bgo(?:es)? on\b|\bwent on\b/i, "continues or resumes"],
  [
    /\bmak(?:es?|ing) (?:an?|the|another|no) (?:new |second )?(?:snapshot|sandbox|registry|build|copy|key)\b(?! match)/i,
    "create",
  ],
  [/\banew\b|\bfor ever\b/i, "again, forever"],
  [/\bwhat there is\b|\bwhat is there\b/i, "the existing …"],
  [/\btaken of\b|\btakes? (?:a|the) snapshot of\b/i, "created from"],
  [/\bor else\b/i, "otherwise"],
  [/\bhas not got\b|\bhave not got\b/i, "does not have"],
  [/\bworked into?\b/i, "applied to"],
  [/\blists? of texts\b/i, "list of strings"],
];

/** Guides tell what people do, step by step: these words fit there. */
const FIT_GUIDES: ReadonlySet<string> = new Set(["someone or everyone", "manually", "recreate"]);

/** What is wrong with a text, a line for each. */
function faults(where: string, text: string): string[] {
  const isGuide = where.startsWith(join("docs", "guides"));
  return BANNED.flatMap(([banned, instead]) => {
    if (isGuide && FIT_GUIDES.has(instead)) return [];
    const found = banned.exec(text);
    return found === null
      ? []
      : [`${where}: "${text.slice(Math.max(0, found.index - 30), found.index + 50)}": write ${instead}`];
  });
}

function filesUnder(folder: string, ends: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ends))
    .map((file) => join(folder, file));
}

/** Every text of a program that is more than one word, without comments. */
function textsOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts.filter((text) => text.includes(" "));
}

const programs = [...filesUnder("provider", ".ts"), "scripts/quickstart.mjs", "scripts/quickstart-drift.mjs"];

/** A line of a page without its code. */
const prose = (line: string): string => line.replace(/`[^`]*`/g, "``");

test.each(["help", "messages", "pages"] as const)("%s use the words that readers know", (kind) => {
  const found = {
    help: () =>
      commands.flatMap(({ name, about, command }) => {
        let text = about;
        const define = command?.();
        const print = (part: string): void => void (text += part);
        const group = define?.({ out: print, err: print, env: {} }, () => undefined);
        for (const one of group === undefined ? [] : [group, ...group.commands])
          one.configureOutput({ writeOut: print }).outputHelp();
        return text.split("\n").flatMap((line) => faults(name, line));
      }),
    messages: () => programs.flatMap((file) => textsOf(file).flatMap((text) => faults(file, text))),
    pages: () =>
      [
        ...filesUnder("docs", ".md"),
        ...filesUnder("examples", ".md").filter((file) => !file.includes("node_modules")),
        "README.md",
        "SECURITY.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "bench/README.md",
      ].flatMap((file) =>
        readFileSync(file, "utf8")
          .split("\n")
          .flatMap((line) => faults(file, prose(line))),
      ),
  }[kind]();
  expect(found).toEqual([]);
});

test("the rules see what they ban", () => {
  expect(
    [
      "Time stamps and behaviour",
      "ends with 2 for drift",
      "somebody activated it",
      "2 changes are not applied",
      "must be whole; got 0",
      "2 snapshots are in none of these states",
      "The digest is not known",
      "The registry tells no digest, and the other one goes on",
      "The build makes a new snapshot, or else nothing",
      "a list of texts cannot be worked into it anew",
    ].map((text) => faults("x", text).length),
  ).toEqual([2, 1, 1, 1, 1, 1, 1, 2, 2, 3]);
  expect(faults("x", "The digest is not known yet. Make a snapshot match the flags.")).toEqual([]);
  expect([faults("docs/guides/x.md", "nobody"), faults("docs/x.md", "nobody").length]).toEqual([[], 1]);
  expect(faults("x", "The snapshot was recreated. It exits with status 2 (got 0).")).toEqual([]);
});
