import type { TokenUse } from "./registry-auth";

/** One request to a registry. */
export interface Exchange {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: readonly Buffer[];
  readonly use?: TokenUse;
  /** Default: that of the push. */
  readonly signal?: AbortSignal;
}
