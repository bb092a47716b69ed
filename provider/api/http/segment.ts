import { NotFoundError } from "../errors";

/**
 * A name or an ID as one part of a URL's path.
 * @param noun what it names, for the message
 * @param by what the text is
 * @throws NotFoundError if no URL can hold it, so that nothing can have it
 */
export function segmentOf(noun: string, text: string, request: string, by = "ID or name"): string {
  // An empty one would request the list.
  if (text === "") throw new TypeError(`a ${noun}'s ${by} is empty`);
  const unfit = (why: string): NotFoundError =>
    new NotFoundError(`there is no ${noun} ${JSON.stringify(text)}: ${why}`, { status: 404, request });
  // Clients and proxies treat these as path segments.
  if (text === "." || text === "..") throw unfit("a URL cannot contain a name that consists only of dots");
  if (isBroken(text)) throw unfit("it contains half of a surrogate pair, which is not a character");
  return encodeURIComponent(text);
}

/** Whether a text contains half of a pair of UTF-16, which no URL and no JSON of the API can hold. */
export function isBroken(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}
