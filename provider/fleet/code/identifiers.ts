import { camel, snake } from "./strings";

/** Names that a module of TypeScript cannot declare: reserved words, what strict mode forbids, and what CommonJS and the checker have taken. */
const TYPESCRIPT: ReadonlySet<string> = new Set([
  "arguments",
  "await",
  "break",
  "case",
  "catch",
  "class",
  "const",
  "continue",
  "debugger",
  "default",
  "delete",
  "do",
  "else",
  "enum",
  "eval",
  "export",
  "exports",
  "extends",
  "false",
  "finally",
  "for",
  "function",
  "globalThis",
  "if",
  "implements",
  "import",
  "in",
  "instanceof",
  "interface",
  "let",
  "module",
  "new",
  "null",
  "package",
  "private",
  "protected",
  "public",
  "require",
  "return",
  "static",
  "super",
  "switch",
  "this",
  "throw",
  "true",
  "try",
  "typeof",
  "undefined",
  "var",
  "void",
  "while",
  "with",
  "yield",
]);

/** Keywords of Python, and the names of what a program imports. */
const PYTHON: ReadonlySet<string> = new Set([
  "and",
  "as",
  "assert",
  "async",
  "await",
  "break",
  "class",
  "continue",
  "daytona_iac_pulumi",
  "def",
  "del",
  "elif",
  "else",
  "except",
  "false",
  "finally",
  "for",
  "from",
  "global",
  "if",
  "import",
  "in",
  "is",
  "lambda",
  "none",
  "nonlocal",
  "not",
  "or",
  "pass",
  "pulumi",
  "raise",
  "return",
  "true",
  "try",
  "while",
  "with",
  "yield",
]);

/** A constant's name in TypeScript. */
export function typescriptName(words: readonly string[]): string {
  const name = camel(words);
  return TYPESCRIPT.has(name) ? `${name}Snapshot` : name;
}

/** A variable's name in Python. */
export function pythonName(words: readonly string[]): string {
  const name = snake(words);
  return PYTHON.has(name) ? `${name}_snapshot` : name;
}

/** A resource's key in Pulumi YAML, which has a variable of its own for what it knows of a stack. Its name stays. */
export function yamlName(words: readonly string[]): string {
  const name = snake(words);
  return name === "pulumi" ? "pulumi_snapshot" : name;
}

/** What must be unique: the names in every language, without what tells `a-1` and `a1` apart. */
export function namesOf(words: readonly string[]): string[] {
  return [...new Set([words.join(""), typescriptName(words).toLowerCase(), pythonName(words).replaceAll("_", "")])];
}
