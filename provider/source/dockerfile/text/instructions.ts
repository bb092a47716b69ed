import { Directives } from "./directives";
import { DockerfileError, SyntaxProblem, at, inOneLine } from "../error";
import { heredocsOf, type Heredoc } from "./heredocs";
import { trimLeft, withoutReturns } from "../spaces";
import { blankSeparated, jsonWords, pairs, quotedWords, splitCommand } from "./words";

// BuildKit's line rules are few, and which files a build sees hangs on every one of them, so they are followed here one by one
// (moby/buildkit v0.25, frontend/dockerfile/parser) instead of corrected after a library that reads words by other rules.

export interface Instruction {
  /** In upper case. */
  readonly keyword: string;
  readonly flags: readonly string[];
  /** Words as BuildKit splits them for this keyword, quotes and variables still in them. Names and values of ENV and LABEL alternate. */
  readonly words: readonly string[];
  readonly json: boolean;
  readonly heredocs: readonly (Heredoc & { readonly body: string })[];
  /** The instruction in one line, continued lines joined. */
  readonly text: string;
  /** First and last line, 1-based, with here-documents. */
  readonly line: number;
  readonly end: number;
  /** The instruction after ONBUILD. */
  readonly inner: Instruction | null;
}

export interface Parsed {
  readonly instructions: readonly Instruction[];
  readonly escape: string;
}

/** Go's scanner takes no longer line, in bytes. */
const LONGEST_LINE = 65_535;

const isComment = (line: string): boolean => trimLeft(line).startsWith("#");

/** @throws DockerfileError for what BuildKit's parser refuses */
export function parseLines(text: string): Parsed {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  refuseLongLine(lines);
  const reader = new LineReader(lines);
  const instructions: Instruction[] = [];
  while (!reader.done) {
    const line = reader.next + 1;
    const joined = reader.readJoined();
    if (joined === null) continue;
    const place = { line, text: joined };
    const read = at(place, () => readLine(joined, reader.escape));
    const begun = mayHaveHeredocs(read) && joined.includes("<<") ? at(place, () => heredocsOf(joined)) : [];
    const heredocs = begun.map((heredoc) => ({ ...heredoc, body: at(place, () => reader.readBody(heredoc)) }));
    instructions.push({ ...read, heredocs, line, end: reader.next });
  }
  if (instructions.length === 0) throw new DockerfileError(1, "", "the file has no instructions.");
  return { instructions, escape: reader.escape };
}

function refuseLongLine(lines: readonly string[]): void {
  const tooLong = lines.findIndex((line) => line.length > LONGEST_LINE / 3 && Buffer.byteLength(line) > LONGEST_LINE);
  if (tooLong !== -1)
    throw new DockerfileError(
      tooLong + 1,
      "",
      `the line is longer than ${LONGEST_LINE} bytes, which no Dockerfile may have.`,
    );
}

/** Reads the lines of a file from the first to the last, as BuildKit joins them. */
class LineReader {
  /** The line that is read next, from 0. */
  next = 0;
  escape = "\\";
  private continued = continuation(this.escape);
  private readonly directives = new Directives();

  constructor(private readonly lines: readonly string[]) {}

  get done(): boolean {
    return this.next >= this.lines.length;
  }

  /** The next line with those that continue it; null for a blank line or a comment. */
  readJoined(): string | null {
    let part = this.read(true);
    let more = this.continued.test(part);
    let joined = more ? part.replace(this.continued, "$1") : part;
    if (!more && joined === "") return null;
    while (more && !this.done) {
      const original = this.lines[this.next] as string;
      part = this.read(false);
      if (isComment(original) || trimLeft(part) === "") continue;
      more = this.continued.test(part);
      joined += more ? part.replace(this.continued, "$1") : part;
    }
    return joined;
  }

  /** The lines up to the one that ends a here-document, which is read as well. */
  readBody({ name, chomp }: Heredoc): string {
    let body = "";
    while (!this.done) {
      const line = this.lines[this.next++] as string;
      const end = withoutReturns(line);
      if ((chomp ? end.replace(/^\t+/, "") : end) === name) return body;
      body += `${line}\n`;
    }
    throw new SyntaxProblem(`unterminated heredoc: no line is ${name}`);
  }

  private read(strip: boolean): string {
    const index = this.next++;
    let line = withoutReturns(this.lines[index] as string);
    if (strip) line = trimLeft(line);
    const directive = at({ line: index + 1, text: line }, () => this.directives.read(line));
    if (directive?.name === "escape") {
      if (directive.value !== "\\" && directive.value !== "`")
        throw new DockerfileError(
          index + 1,
          inOneLine(line),
          `invalid escape token ${inOneLine(directive.value)}: it has to be \\ or \`.`,
        );
      this.escape = directive.value;
      this.continued = continuation(this.escape);
    }
    return isComment(line) ? "" : line;
  }
}

function continuation(escape: string): RegExp {
  const token = escape === "\\" ? "\\\\" : escape;
  return new RegExp(`([^${token}])${token}[ \\t]*$|^${token}[ \\t]*$`);
}

const CHAINED = /^ONBUILD(?:[\t\v\f\r ]|$)/i;

type Read = Omit<Instruction, "heredocs" | "line" | "end">;

function mayHaveHeredocs({ keyword, inner, json }: Read): boolean {
  if (keyword === "ONBUILD" && inner) return mayHaveHeredocs(inner);
  return (keyword === "ADD" || keyword === "COPY" || keyword === "RUN") && !json;
}

/** Keywords whose words can be a JSON array, and whether they are divided at blanks where they are none. */
const MAY_BE_JSON: ReadonlyMap<string, boolean> = new Map([
  ["ADD", true],
  ["COPY", true],
  ["VOLUME", true],
  ["RUN", false],
  ["CMD", false],
  ["ENTRYPOINT", false],
  ["SHELL", false],
]);

function readLine(line: string, escape: string): Read {
  const { keyword: written, flags, rest } = splitCommand(line, escape);
  const keyword = written.toUpperCase();
  const read = { keyword, flags, text: line, inner: null, json: false };
  if (keyword === "ONBUILD") return { ...read, ...readTrigger(rest, escape) };
  const divided = MAY_BE_JSON.get(keyword);
  if (divided === undefined) return { ...read, words: splitWords(keyword, rest, escape) };
  const json = jsonWords(rest);
  if (json) return { ...read, words: json, json: true };
  return { ...read, words: divided ? blankSeparated(rest) : oneWord(rest) };
}

/** The instruction after ONBUILD. */
function readTrigger(rest: string, escape: string): Pick<Read, "words" | "inner"> {
  if (rest === "") return { words: [], inner: null };
  // One in another is refused, however many follow.
  const inner = CHAINED.test(rest)
    ? { keyword: "ONBUILD", flags: [], words: [], text: rest, inner: null, json: false }
    : readLine(rest, escape);
  return { words: [inner.keyword, ...inner.words], inner: { ...inner, heredocs: [], line: 0, end: 0 } };
}

function splitWords(keyword: string, rest: string, escape: string): string[] {
  switch (keyword) {
    case "ENV":
    case "LABEL":
      return pairs(rest, keyword, escape).flat();
    case "ARG":
      return quotedWords(rest, escape);
    case "FROM":
    case "EXPOSE":
      return blankSeparated(rest);
    case "HEALTHCHECK": {
      const [type = "", command = ""] = /^(\S*)\s*([^]*)$/.exec(rest)?.slice(1) ?? [];
      return type === "" ? [] : [type, ...(jsonWords(command) ?? oneWord(command))];
    }
    default:
      return oneWord(rest);
  }
}

const oneWord = (rest: string): string[] => (rest === "" ? [] : [rest]);
