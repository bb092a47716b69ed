/** Removes a secret from a text of a third party, such as a server's message or a system error. */
export function redactor(secret: string): (text: string) => string {
  return (text) => {
    const known = secret.length >= 4 ? text.split(secret).join("[redacted]") : text;
    // Up to the last @ before the path: a password may have one, and a user name alone may be a token.
    return known
      .replace(/\bBearer\s+[\w.~+/=-]{8,}/gi, "Bearer [redacted]")
      .replace(/(\w+:\/\/)[^/\s?#]+@/g, "$1[redacted]@");
  };
}
