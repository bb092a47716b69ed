import type { IgnoreRule } from "./ignore-file";
import { Pattern, PatternError } from "./pattern";

/** Every file is held against each of them, and a repository is not to decide how long a plan takes. */
const MOST_WILDCARDS = 20_000;

/** What a list of patterns says of paths; the last pattern that matches a path, or a folder above it, decides. */
export class PatternMatcher {
  private readonly patterns: readonly Pattern[];

  /**
   * @param file how an error names the place of the patterns, such as `.dockerignore`
   * @throws PatternError for a pattern that Docker refuses, naming file and line, and for more than 20,000 wildcards
   */
  constructor(rules: readonly IgnoreRule[], file: string) {
    const wildcards = rules.reduce((sum, { pattern }) => sum + (pattern.match(/[*?[\\{]/g)?.length ?? 0), 0);
    if (wildcards > MOST_WILDCARDS)
      throw new PatternError(
        `${file} has ${wildcards} wildcards, and at most ${MOST_WILDCARDS} are accepted. List whole folders instead of single files.`,
      );
    this.patterns = rules.flatMap((rule) => Pattern.of(rule, file) ?? []);
  }

  /**
   * Whether the path matches: `MatchesOrParentMatches` of `github.com/moby/patternmatcher` v0.6.0.
   * @param path relative, with `/`
   * @throws PatternError for a pattern that Docker refuses when it uses it
   */
  matches(path: string): boolean {
    let folder = this.root();
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1))
      folder = folder.enter(path.slice(0, slash));
    return folder.matches(path);
  }

  /** Where a walk begins whose answers are those of `matches`. */
  root(): Level {
    return new Level(this.patterns, new Uint8Array(this.patterns.length), false);
  }

  /**
   * Where a walk begins that answers as BuildKit's walks do, for the context and for COPY: `MatchesUsingParentResults`. It differs where an exception names a
   * folder that no rule before it matches: in BuildKit, `*.log` for a file in that folder still holds.
   */
  buildRoot(): Level {
    return new Level(this.patterns, new Uint8Array(this.patterns.length), true);
  }
}

/** What the patterns say of the entries of one folder. */
export class Level {
  constructor(
    private readonly patterns: readonly Pattern[],
    /** 1 for each pattern that matches the folder or one above it. */
    private readonly above: Uint8Array,
    private readonly asBuild: boolean,
  ) {}

  /** @param path of an entry of this folder, from where the walk began */
  matches(path: string): boolean {
    const last = this.last(path);
    return last !== undefined && !last.exception;
  }

  /** The rule that decides, be it for or against; undefined when no pattern matches. */
  deciding(path: string): IgnoreRule | undefined {
    return this.last(path)?.rule;
  }

  /** Whether anything inside the entry, a folder that matches, could not match: an exception after the last pattern that matches it reaches into it. */
  hasExceptionsIn(path: string): boolean {
    const { above } = this.enter(path);
    for (let index = this.patterns.length - 1; index >= 0; index--) {
      const pattern = this.patterns[index]!;
      if (pattern.exception ? couldReach(pattern, path) : above[index] === 1) return pattern.exception;
    }
    return false;
  }

  /** Whether anything inside the entry, a folder that does not match, could match. */
  reaches(path: string): boolean {
    return this.patterns.some((pattern) => !pattern.exception && couldReach(pattern, path));
  }

  /** @param path of a folder in this one */
  enter(path: string): Level {
    const above = new Uint8Array(this.above);
    let matched = false;
    for (const [index, pattern] of this.patterns.entries()) {
      if (above[index] === 0 && !(this.asBuild && pattern.exception !== matched) && quietly(pattern, path))
        above[index] = 1;
      if (above[index] === 1) matched = !pattern.exception;
    }
    return new Level(this.patterns, above, this.asBuild);
  }

  private last(path: string): Pattern | undefined {
    let last: Pattern | undefined;
    for (let index = 0; index < this.patterns.length; index++) {
      const pattern = this.patterns[index]!;
      // Docker does not look at a pattern that could change nothing, not even to find it invalid.
      const matched = last !== undefined && !last.exception;
      if (pattern.exception === matched && (this.above[index] === 1 || pattern.matches(path))) last = pattern;
    }
    return last;
  }
}

/** An invalid pattern is an error where a file meets it; the folder above is only looked at. */
function quietly(pattern: Pattern, path: string): boolean {
  try {
    return pattern.matches(path);
  } catch {
    return false;
  }
}

function couldReach(pattern: Pattern, path: string): boolean {
  try {
    return pattern.reaches(path);
  } catch {
    return true;
  }
}
