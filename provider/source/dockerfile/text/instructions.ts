import { Directives } from "./directives";
import { DockerfileError, SyntaxProblem, at } from "./error";
import { heredocsOf, type Heredoc } from "./heredocs";
import { trimLeft } from "./spaces";
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
  const tooLong = lines.findIndex((line) => line.length > LONGEST_LINE / 3 && Buffer.byteLength(line) > LONGEST_LINE);
  if (tooLong !== -1) throw new DockerfileError(tooLong + 1, "", `the line is longer than ${LONGEST_LINE} bytes, which no Dockerfile may have.`);

  const directives = new Directives();
  let escape = "\\";
  let continued = continuation(escape);
  const process = (index: number, strip: boolean): string => {
    let line = (lines[index] as string).replace(/\r+$/, "");
    if (strip) line = trimLeft(line);
    const directive = at({ line: index + 1, text: line }, () => directives.read(line));
    if (directive?.name === "escape") {
      if (directive.value !== "\\" && directive.value !== "`") throw new DockerfileError(index + 1, line, `invalid escape token ${directive.value}: it has to be \\ or \`.`);
      escape = directive.value;
      continued = continuation(escape);
    }
    return isComment(line) ? "" : line;
  };

  const instructions: Instruction[] = [];
  for (let next = 0; next < lines.length; ) {
    const first = next;
    let part = process(next++, true);
    let more = continued.test(part);
    let joined = more ? part.replace(continued, "$1") : part;
    if (!more && joined === "") continue;
    while (more && next < lines.length) {
      const original = lines[next] as string;
      part = process(next++, false);
      if (isComment(original) || trimLeft(part) === "") continue;
      more = continued.test(part);
      joined += more ? part.replace(continued, "$1") : part;
    }
    const place = { line: first + 1, text: joined };
    const read = at(place, () => readLine(joined, escape));
    const heredocs: (Heredoc & { body: string })[] = [];
    for (const heredoc of mayHaveHeredocs(read) && joined.includes("<<") ? at(place, () => heredocsOf(joined)) : []) {
      let body = "";
      for (;;) {
        if (next >= lines.length) at(place, () => { throw new SyntaxProblem(`unterminated heredoc: no line is ${heredoc.name}`); });
        const line = lines[next++] as string;
        const end = line.replace(/\r+$/, "");
        if ((heredoc.chomp ? end.replace(/^\t+/, "") : end) === heredoc.name) break;
        body += `${line}\n`;
      }
      heredocs.push({ ...heredoc, body });
    }
    instructions.push({ ...read, heredocs, line: first + 1, end: next });
  }
  if (instructions.length === 0) throw new DockerfileError(1, "", "the file has no instructions.");
  return { instructions, escape };
}

function continuation(escape: string): RegExp {
  const token = escape === "\\" ? "\\\\" : escape;
  return new RegExp(`([^${token}])${token}[ \\t]*$|^${token}[ \\t]*$`);
}

type Read = Omit<Instruction, "heredocs" | "line" | "end">;

function mayHaveHeredocs({ keyword, inner, json }: Read): boolean {
  if (keyword === "ONBUILD" && inner) return mayHaveHeredocs(inner);
  return (keyword === "ADD" || keyword === "COPY" || keyword === "RUN") && !json;
}

function readLine(line: string, escape: string): Read {
  const { keyword: written, flags, rest } = splitCommand(line, escape);
  const keyword = written.toUpperCase();
  const read = { keyword, flags, text: line, inner: null, json: false };
  switch (keyword) {
    case "ADD":
    case "COPY":
    case "VOLUME":
    case "RUN":
    case "CMD":
    case "ENTRYPOINT":
    case "SHELL": {
      const json = jsonWords(rest);
      if (json) return { ...read, words: json, json: true };
      const inWords = keyword === "ADD" || keyword === "COPY" || keyword === "VOLUME";
      return { ...read, words: inWords ? blankSeparated(rest) : oneWord(rest) };
    }
    case "ENV":
    case "LABEL":
      return { ...read, words: pairs(rest, keyword, escape).flat() };
    case "ARG":
      return { ...read, words: quotedWords(rest, escape) };
    case "FROM":
    case "EXPOSE":
      return { ...read, words: blankSeparated(rest) };
    case "ONBUILD": {
      if (rest === "") return { ...read, words: [] };
      const inner = readLine(rest, escape);
      return { ...read, words: [inner.keyword, ...inner.words], inner: { ...inner, heredocs: [], line: 0, end: 0 } };
    }
    case "HEALTHCHECK": {
      const [type = "", command = ""] = /^(\S*)\s*([^]*)$/.exec(rest)?.slice(1) ?? [];
      return { ...read, words: type === "" ? [] : [type, ...(jsonWords(command) ?? oneWord(command))] };
    }
    default:
      return { ...read, words: oneWord(rest) };
  }
}

const oneWord = (rest: string): string[] => (rest === "" ? [] : [rest]);
