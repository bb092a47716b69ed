import { SyntaxProblem, at } from "../error";
import { trimLeft } from "../spaces";

/** A Dockerfile's text as it is read and sent: LF line ends, no BOM. */
export const normalized = (text: string): string => text.replace(/^\ufeff/, "").replace(/\r\n/g, "\n");

const KNOWN = new Set(["syntax", "escape", "check"]);

/** Directives stand at the very top, one a line, before any other comment, blank line or instruction. */
export class Directives {
  private readonly seen = new Set<string>();
  private done = false;

  constructor(private readonly comment = "#") {}

  /** The directive in this line, if it is one. Every line of the file has to be shown, from the first on. Throws SyntaxProblem for one given twice. */
  read(line: string): { name: string; value: string } | null {
    if (this.done) return null;
    const match = line.startsWith(this.comment)
      ? /^([a-zA-Z][a-zA-Z0-9]*)[\t\n\f\r ]*=([^\n]+)$/.exec(trimLeft(line.slice(this.comment.length)))
      : null;
    const name = match?.[1]?.toLowerCase() ?? "";
    if (!match || !KNOWN.has(name)) {
      this.done = true;
      return null;
    }
    if (this.seen.has(name)) throw new SyntaxProblem(`only one ${name} parser directive can be used`);
    this.seen.add(name);
    return { name, value: (match[2] as string).replace(BLANKS_AROUND, "") };
  }
}

const BLANKS_AROUND = /^[\t\n\f\r ]*|(?<![\t\n\f\r ])[\t\n\f\r ]+$/g;

/** Docker's own frontend, in any version, from Docker Hub or a mirror of it: a registry that has it under its name, perhaps below a path of the mirror's. */
const DOCKER =
  /^(?:(?:[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+(?::[0-9]+)?|[a-zA-Z0-9-]+:[0-9]+|localhost)\/(?:[a-z0-9._-]+\/)*)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/;

/** The `syntax` directive, in any of the forms in which BuildKit finds it. */
function syntaxOf(text: string): { line: number; value: string } | null {
  const lines = text.split("\n");
  const first = lines[0]?.startsWith("#!") ? 1 : 0;
  for (const comment of ["#", "//"]) {
    const directives = new Directives(comment);
    for (let i = first; i < lines.length; i += 1) {
      let found: { name: string; value: string } | null;
      try {
        found = directives.read((lines[i] as string).replace(/\r$/, ""));
      } catch {
        break;
      }
      if (!found) break;
      if (found.name === "syntax") return { line: i + 1, value: found.value.split(" ")[0] as string };
    }
  }
  try {
    const json: unknown = JSON.parse(lines.slice(first).join("\n"));
    if (typeof json === "object" && json !== null && "syntax" in json && typeof json.syntax === "string")
      return { line: first + 1, value: json.syntax };
  } catch {
    // Not that form.
  }
  return null;
}

/** @throws DockerfileError if a frontend other than Docker's reads the file */
export function refuseOtherFrontend(text: string, wanted: string): void {
  const syntax = syntaxOf(text);
  if (!syntax || DOCKER.test(syntax.value)) return;
  at({ line: syntax.line, text: `syntax=${syntax.value}` }, () => {
    throw new SyntaxProblem(`the frontend ${syntax.value} has its own rules, so ${wanted}`);
  });
}
