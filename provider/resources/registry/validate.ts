import type { Notice } from "../../kit/notice";
import { isUnknown } from "../../kit/unknown";
import { isForTerraform, spellFor, type Face } from "../../kit/spell";
import type { Values } from "../in-place/rows";
import { urlProblem } from "./address";

/** What is wrong with a program's registry by itself. Unknown values pass. */
export function validateRegistry(written: Values, face: Face): Notice[] {
  const spell = spellFor(face);
  const notices: Notice[] = [];
  const refuse = (name: string, summary: string, detail: string): void =>
    void notices.push({ attribute: [name], summary, detail });
  const text = (name: string): string | null => (typeof written[name] === "string" ? written[name] : null);

  for (const name of ["name", "url", "username"]) {
    if ((written[name] ?? null) === null) refuse(name, `Missing ${name}`, `\`${spell(name)}\` is required.`);
  }
  const [name, url, username] = [text("name"), text("url"), text("username")];
  const unsafe = name === null ? null : unsafeText(name);
  if (unsafe !== null) refuse("name", "Invalid registry name", `The name contains ${unsafe}, which the API refuses.`);
  const problem = url === null ? null : urlProblem(url);
  if (problem !== null) refuse("url", "Invalid registry URL", problem);
  if (username?.trim() === "")
    refuse(
      "username",
      "Invalid user name",
      "It is empty. Set it to the user name, or to what the registry expects in its place.",
    );
  passwordNotices(written, face, refuse);
  if (url !== null && username !== null) keyNotices(written, username, spell, refuse);
  return notices;
}

type Refuse = (name: string, summary: string, detail: string) => void;

const SECRETS = ["password", "passwordWo"] as const;

/** Exactly one password has to be written. An unknown one may still turn out to be null. */
function passwordNotices(written: Values, face: Face, refuse: Refuse): void {
  const spell = spellFor(face);
  const names = isForTerraform(face) ? SECRETS : (["password"] as const);
  const set = names.filter((name) => (written[name] ?? null) !== null);
  if (set.length === 0) {
    const choice =
      names.length > 1
        ? `Set \`${spell("password")}\`, or \`${spell("passwordWo")}\`, which is never stored in a state.`
        : `Set \`${spell("password")}\`.`;
    refuse(
      "password",
      "Missing password",
      `${choice} A registry without credentials needs no resource: Daytona pulls public images without one.`,
    );
  }
  if (set.length === 2 && !set.some((name) => isUnknown(written[name])))
    refuse(
      "passwordWo",
      "More than one password",
      `Set \`${spell("password")}\` or \`${spell("passwordWo")}\`, not both.`,
    );
  for (const name of set)
    if (written[name] === "")
      refuse(name, "Invalid password", "It is empty. The API would accept it, and every pull would fail.");
  if ((written["passwordWoVersion"] ?? null) !== null && (written["passwordWo"] ?? null) === null) {
    refuse(
      "passwordWoVersion",
      "Version without a password",
      `\`${spell("passwordWoVersion")}\` requires \`${spell("passwordWo")}\`.`,
    );
  }
}

/** Google's key files are passwords of their own form. The password is never shown. */
function keyNotices(written: Values, username: string, spell: (name: string) => string, refuse: Refuse): void {
  for (const name of SECRETS) {
    const value = written[name];
    if (typeof value !== "string" || value === "") continue;
    if (username === "_json_key" && !isKey(value))
      refuse(
        name,
        "Invalid key file",
        `With the user name \`_json_key\`, the password is the text of a service account's key file, a JSON object. For a text in base64, set \`${spell("username")}\` to \`_json_key_base64\`.`,
      );
    if (username === "_json_key_base64" && !isKey(Buffer.from(value, "base64").toString("utf8")))
      refuse(
        name,
        "Invalid key file",
        "With the user name `_json_key_base64`, the password is the text of a service account's key file in base64.",
      );
  }
}

function isKey(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** What the API's check of texts does not let through (recorded at v0.190). */
function unsafeText(text: string): string | null {
  if (/<[a-zA-Z/][^>]*>?/.test(text)) return "an HTML tag";
  if (/(https?|ftps?|sftp|ssh|wss?|file|ldaps?):\/\/|(javascript|data|mailto|tel):|www\./i.test(text)) return "a URL";
  return /[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]/.test(text) ? "a control character" : null;
}
