/** A command that a person can paste into a shell. */
export function commandLine(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** One word, quoted where a shell would read more than letters into it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
