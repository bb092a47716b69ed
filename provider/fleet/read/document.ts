import { FleetError } from "../resource";
import { isObject, type Json, withoutWarnings } from "./json";
import { type Expected, whatIs } from "./what-is";

export interface DocumentSource {
  /** Path, as given; `-` is standard input. */
  readonly file: string;
  readonly expected: Expected;
}

/** How messages name a document: `the plan plan.json`. */
export const labelOf = ({ file, expected }: DocumentSource): string =>
  file === "-" ? `the ${expected} on standard input` : `the ${expected} ${file}`;

/**
 * The JSON object of a plan or a state. Reads UTF-8 and UTF-16, with or without a byte order mark, as PowerShell writes them. Everything else has
 * a message of its own: nothing that is not wholly understood is read.
 * @throws FleetError
 */
export function readDocument(content: Uint8Array | string, source: DocumentSource): Json {
  const what = labelOf(source);
  const text = typeof content === "string" ? withoutMark(content) : textOf(content, source);
  let value: unknown;
  try {
    value = JSON.parse(withoutWarnings(text));
  } catch (error) {
    throw notJson(text, (error as Error).message, source);
  }
  if (!isObject(value))
    throw new FleetError(`${what} cannot be read`, `It is JSON, but not an object. ${HOW[source.expected]}`);
  return value;
}

/** What writes the document that is expected. */
const HOW: Record<Expected, string> = {
  plan: "`terraform show -json PLAN` writes the JSON of a plan that `terraform plan -out=PLAN` created.",
  state: "`terraform state pull`, `tofu state pull` or `pulumi stack export` writes a state.",
};

/** How a format begins, and what to do with it. */
const PACKED: readonly (readonly [name: string, first: readonly number[], unpack: string])[] = [
  ["gzip", [0x1f, 0x8b], "gunzip"],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd], "unzstd"],
  ["xz", [0xfd, 0x37, 0x7a, 0x58], "unxz"],
  ["bzip2", [0x42, 0x5a, 0x68], "bunzip2"],
];

/** @throws FleetError for bytes that are no text */
function textOf(bytes: Uint8Array, source: DocumentSource): string {
  const what = labelOf(source);
  const begins = (...first: number[]): boolean => first.every((byte, at) => bytes[at] === byte);
  if (begins(0x50, 0x4b, 0x03, 0x04)) throw planFile(source);
  for (const [name, first, unpack] of PACKED)
    if (begins(...first))
      throw new FleetError(
        `${what} is compressed`,
        `It is compressed with ${name}. Unpack it first: \`${unpack} --stdout ${source.file}\`.`,
      );
  const encoding = begins(0xff, 0xfe)
    ? "utf-16le"
    : begins(0xfe, 0xff)
      ? "utf-16be"
      : bytes[0] !== 0 && bytes[1] === 0
        ? "utf-16le"
        : bytes[0] === 0 && bytes[1] !== 0
          ? "utf-16be"
          : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_STRING_TOO_LONG")
      throw new FleetError(
        `${what} is too large`,
        "It has more than 512 MiB of text, which is more than Node can hold. Split the state into several.",
      );
    throw new FleetError(
      `${what} is not text`,
      `It is not valid ${encoding.toUpperCase()}. Write it again, as UTF-8. ${HOW[source.expected]}`,
    );
  }
}

/** A string that was decoded elsewhere can begin with the mark. */
const withoutMark = (text: string): string => (text.startsWith("\ufeff") ? text.slice(1) : text);

function planFile(source: DocumentSource): FleetError {
  return new FleetError(
    `${labelOf(source)} is not JSON`,
    `It is a plan in Terraform's own format. Convert it: \`terraform show -json ${source.file === "-" ? "PLAN" : source.file}\`.`,
  );
}

/** What a text is that does not parse as one JSON value. */
function notJson(text: string, reason: string, source: DocumentSource): FleetError {
  const what = labelOf(source);
  const how = HOW[source.expected];
  if (text.trim() === "")
    return new FleetError(`${what} cannot be read`, "It is empty. Was the command that wrote it interrupted?");
  if (text.startsWith("PK\u0003\u0004")) return planFile(source);
  const lines = linesOf(text);
  if (lines !== null) {
    const found = lines.map(whatIs).find((it) => it !== null) ?? null;
    return new FleetError(
      `${what} is not one JSON document`,
      `It contains one JSON object per line${found === null ? "" : `: it is ${found.name}`}. ${found?.instead[source.expected] ?? how}`,
    );
  }
  if (isCode(text, source.file))
    return new FleetError(`${what} is not JSON`, `It is Terraform code, not output of Terraform. ${how}`);
  if (
    /^\s*(?:# |Terraform will perform|OpenTofu will perform|Terraform used the selected|OpenTofu used the selected|No changes\.)/.test(
      text,
    )
  ) {
    return new FleetError(`${what} is not JSON`, `It is the human-readable output. Add -json to \`show\`. ${how}`);
  }
  if (/^\s*[{[]/.test(text))
    return new FleetError(
      `${what} cannot be read`,
      `It is not complete JSON (${reason}). Was the command that wrote it interrupted?`,
    );
  return new FleetError(`${what} is not JSON`, `${reason}. ${how}`);
}

/** The objects of a log with one on each line; null: it is none. The last line may be cut. */
function linesOf(text: string): Json[] | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length < 2) return null;
  const objects: Json[] = [];
  for (const line of lines.slice(0, -1)) {
    try {
      const value: unknown = JSON.parse(line);
      if (!isObject(value)) return null;
      objects.push(value);
    } catch {
      return null;
    }
  }
  return objects;
}

/** Terraform code, by the file's name or by how its first line that is no comment begins. */
function isCode(text: string, file: string): boolean {
  if (/\.(?:tf|tofu|tfvars|hcl)$/i.test(file)) return true;
  const first = text.split(/\r?\n/).find((line) => !/^\s*(?:$|#|\/\/|\/\*)/.test(line)) ?? "";
  return /^\s*(?:terraform|locals)\s*\{|^\s*(?:resource|data|ephemeral)\s+"[^"]*"\s+"[^"]*"\s*\{|^\s*(?:provider|variable|module|output|check)\s+"[^"]*"\s*\{|^\s*(?:import|moved|removed)\s*\{/.test(
    first,
  );
}
