import { SyntaxProblem, UnknownValue } from "../error";
import { commaSeparated } from "./words";

const TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"];
const SOURCE = new Set(["source", "src"]);
const SWITCHES = new Set(["readonly", "ro", "readwrite", "rw"]);
/** Go's `strconv.ParseBool`. */
const BOOLEAN = /^(1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/;
const OTHERS = new Set(["target", "dst", "destination", "size", "id", "sharing", "mode", "uid", "gid", "env"]);

/** What a `RUN --mount` shows of the build context: a path, "" for all of it; null if it shows nothing of it. `expand` works variables out. */
export function mountedPath(mount: string, expand: (value: string) => string): string | null {
  let type = "bind";
  let from = "";
  let source = "";
  for (const field of commaSeparated(mount)) {
    const sign = field.indexOf("=");
    const key = (sign === -1 ? field : field.slice(0, sign)).toLowerCase();
    if (sign === -1) {
      refuseBareKey(key, type, field);
      continue;
    }
    const raw = field.slice(sign + 1);
    if (key === "type") {
      const value = expand(raw);
      type = value.toLowerCase();
      if (!TYPES.includes(type)) throw new SyntaxProblem(`unsupported mount type "${value}"`);
    } else if (key === "from") from = expand(raw);
    else if (SOURCE.has(key)) unlessUnknown(() => expand((source = raw)));
    else if (SWITCHES.has(key)) {
      unlessUnknown(() => {
        const value = expand(raw);
        if (!BOOLEAN.test(value)) throw new SyntaxProblem(`invalid value for ${key}: ${value}`);
      });
    } else if (key === "required" || OTHERS.has(key)) unlessUnknown(() => expand(raw));
    else throw new SyntaxProblem(`unexpected key '${key}' in '${field}'`);
  }
  return type === "bind" && from === "" ? expand(source) : null;
}

/** Refuses a key without a value where it needs one. */
function refuseBareKey(key: string, type: string, field: string): void {
  if (SWITCHES.has(key)) return;
  if (key !== "required") throw new SyntaxProblem(`invalid field '${field}' must be a key=value pair`);
  if (type !== "secret" && type !== "ssh")
    throw new SyntaxProblem(`unexpected key 'required' for mount type '${type}'`);
}

/** For what has to be right, but need not be known. */
export function unlessUnknown(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof UnknownValue)) throw error;
  }
}
