/** What somebody who names a snapshot, or makes a build fail, can put into a text: colors, a title, a link, C1 characters, a turned text. */
export const HOSTILE =
  "out of\u001b[2J\u001b[31m disk\u001b]0;owned\u0007\u001b]8;;http://evil.test\u001b\\ \u009b1Aspace\u009d0;t\u009c\b\u007f \u202eexe\u202c\rError: all is well\u2028end";
/** How it reads. */
export const READS = "out of disk space\ufffd\ufffd \ufffdexe\ufffd\nError: all is well\nend";

/** Nothing in it steers a terminal. `painted`: our own colors are allowed. */
export function expectSafe(text: string, painted = false): void {
  const seen = painted ? text.replace(/\u001b\[\d+(;\d+)*m/g, "") : text;
  expect(seen).not.toMatch(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/,
  );
}
