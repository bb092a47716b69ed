/**
 * Texts of others (a server's reason, a build's log, a name) that are written to a terminal, or into another tool's messages. Left as they
 * are, their control characters would move the cursor, retitle the window, hide lines or fake our own output.
 */

/** Colors, cursor movements and other sequences that only a terminal understands, from ESC or as one C1 character. */
const CSI = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/;
/** Window titles, links, device control: a text up to its terminator. One without terminator hides nothing: its text is shown. */
const STRINGS =
  /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0000-\u0008\u000a-\u001f\u007f-\u009f]*(?:\u0007|\u001b\\|\u009c)/;
/** Two characters and more, such as the choice of a character set. */
const ESCAPES = /\u001b[ -/]*[0-OQ-WYZ\\`-~]/;
const SEQUENCES = new RegExp([CSI, STRINGS, ESCAPES].map(({ source }) => source).join("|"), "g");

/** C0 without tab and newline, DEL, C1, and what changes the direction of a text so that it reads as another. */
const CONTROLS = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069";
const CONTROL = new RegExp(`[${CONTROLS}]`, "g");
/** The same where each character can be escaped, so that nothing is lost. */
const UNESCAPED = new RegExp(`[${CONTROLS}\\u2028\\u2029]`, "g");
const SUSPICIOUS = new RegExp(`[${CONTROLS}\\u2028\\u2029]`);

/** Whether a text has nothing in it that `printable` would change. */
export function isPrintable(text: string): boolean {
  return !SUSPICIOUS.test(text);
}

/** A text without colors, cursor movements, titles and links. */
export function withoutSequences(text: string): string {
  return text.replace(SEQUENCES, "");
}

/**
 * A text that steers no terminal. Tabs and newlines stay, sequences such as colors go, and every other control character becomes U+FFFD, so
 * that a reader sees that something was there.
 */
export function printable(text: string): string {
  if (isPrintable(text)) return text;
  return withoutSequences(text)
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(CONTROL, "\ufffd");
}

/** The same in one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\n\t]/g, " ");
}

/** JSON that steers no terminal: what `JSON.stringify` leaves raw is escaped, so that a parser gets the same value. */
export function printableJson(value: unknown, indent = 0): string {
  return escaped(JSON.stringify(value, null, indent));
}

/** Escapes the control characters of a text in which `\uXXXX` means the character, such as JSON or a double-quoted text in YAML. */
export function escaped(text: string): string {
  return text.replace(UNESCAPED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
