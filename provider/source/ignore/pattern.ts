import { cleanPath, trimSpace } from "./clean-path";
import { BadPattern, fileMatch } from "./file-match";
import { Expression } from "./expression";
import { BadExpression } from "./go-regexp";
import type { IgnoreRule } from "./ignore-file";

type Kind =
  | { readonly kind: "exact" }
  | { readonly kind: "prefix" | "suffix"; readonly text: string }
  | { readonly kind: "expression"; readonly expression: Expression };

// Docker escapes these, since they have no meaning in a pattern. It means to escape `{`, `|` and `}` as well, but its table of bits is too short for them.
const ESCAPED = /[.+()$]/;

/** A pattern that Docker refuses. The message names file and line. */
export class PatternError extends Error {}

/** A pattern ready to match, by the rules of `github.com/moby/patternmatcher` v0.6.0 on Linux. */
export class Pattern {
  private compiled: Kind | undefined;

  private constructor(
    /** The pattern without the `!`. */
    readonly text: string,
    /** Whether it makes an exception: what it matches is not ignored. */
    readonly exception: boolean,
    readonly rule: IgnoreRule,
    private readonly file: string,
  ) {}

  /**
   * @returns undefined for a blank pattern, which Docker skips
   * @throws PatternError for a pattern that Docker refuses when it reads it
   */
  static of(rule: IgnoreRule, file: string): Pattern | undefined {
    let text = trimSpace(rule.pattern);
    if (text === "") return undefined;
    text = cleanPath(text);
    const exception = text.startsWith("!");
    if (exception) text = text.slice(1);
    if (text === "") throw invalid(rule, file, 'an exception needs a pattern after the "!"');
    try {
      fileMatch(text, ".");
    } catch (error) {
      if (error instanceof BadPattern) throw invalid(rule, file, error.message);
      throw error;
    }
    return new Pattern(text, exception, rule, file);
  }

  /** @throws PatternError for a pattern that Docker refuses when it first uses it */
  matches(path: string): boolean {
    const kind = (this.compiled ??= this.compile());
    switch (kind.kind) {
      case "exact":
        return path === this.text;
      case "prefix":
        return path.startsWith(kind.text);
      case "suffix":
        return path.endsWith(kind.text) || (kind.text.startsWith("/") && path === kind.text.slice(1));
      case "expression":
        return kind.expression.test(path);
    }
  }

  /** Whether the pattern could match something inside the folder. False is certain. */
  reaches(folder: string): boolean {
    const inside = `${folder}/`;
    const kind = (this.compiled ??= this.compile());
    switch (kind.kind) {
      case "exact":
        return this.text.startsWith(inside);
      case "prefix":
        return kind.text.startsWith(inside) || inside.startsWith(kind.text);
      case "suffix":
        return true;
      case "expression":
        return kind.expression.begins(inside);
    }
  }

  private compile(): Kind {
    const [kind, expression] = translate(this.text);
    if (kind === "exact") return { kind };
    if (kind === "prefix") return { kind, text: this.text.slice(0, -2) };
    // Behind a byte order mark, Docker cuts in the middle of a character: no path ends like that.
    if (kind === "suffix") return { kind, text: this.text.startsWith("\uFEFF") ? "\0" : this.text.slice(2) };
    try {
      return { kind, expression: new Expression(expression) };
    } catch (error) {
      if (error instanceof BadExpression) throw invalid(this.rule, this.file, error.message);
      throw error;
    }
  }
}

/** How Docker matches the pattern, and the expression of Go's `regexp` that it makes. */
function translate(pattern: string): [Kind["kind"], string] {
  // Go's scanner skips a byte order mark at the beginning.
  const runes = [...pattern.replace(/^\uFEFF/, "")];
  let kind: Kind["kind"] = "exact";
  let expression = "^";
  for (let at = 0, step = 0; at < runes.length; step++) {
    const rune = runes[at++]!;
    if (rune === "*" && runes[at] === "*") {
      at++;
      if (runes[at] === "/") at++;
      const [next, added] = translateStars(kind, at === runes.length);
      expression += added;
      kind = step === 0 ? "suffix" : next;
    } else if (rune === "*" || rune === "?") {
      expression += rune === "*" ? "[^/]*" : "[^/]";
      kind = "expression";
    } else if (ESCAPED.test(rune)) expression += `\\${rune}`;
    else if (rune === "\\" && at < runes.length) {
      expression += `\\${runes[at++]!}`;
      kind = "expression";
    } else {
      expression += rune;
      if (rune === "[" || rune === "]") kind = "expression";
    }
  }
  return [kind, `${expression}$`];
}

/** How a pattern with `**` is matched, and what that adds to the expression. @param last whether it ends the pattern */
function translateStars(before: Kind["kind"], last: boolean): [Kind["kind"], string] {
  if (!last) return ["expression", "(.*/)?"];
  return before === "exact" ? ["prefix", ""] : ["expression", ".*"];
}

function invalid(rule: IgnoreRule, file: string, why: string): PatternError {
  const where = rule.line > 0 ? `${file}, line ${rule.line}` : file;
  return new PatternError(
    `${where}: the pattern "${rule.text}" is invalid: ${why}. Docker refuses it as well; correct or remove it.`,
  );
}
