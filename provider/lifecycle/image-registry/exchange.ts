/** What a request needs a token for: the repository itself, or a blob of another one besides. */
export type TokenUse = "own" | "mount";

/** One request to a registry. */
export interface Exchange {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: readonly Buffer[];
  readonly use?: TokenUse;
  /** Default: that of the connection. */
  readonly signal?: AbortSignal;
}
