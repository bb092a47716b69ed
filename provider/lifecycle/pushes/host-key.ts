/** Host and port of a registry in one spelling, to compare: without capitals and without the port that https has anyway. */
export function hostKey(host: string): string {
  try {
    return new URL(`https://${host}`).host;
  } catch {
    return host;
  }
}
