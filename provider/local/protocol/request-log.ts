/** What a request is about, for counting. */
export type RequestKind =
  | "list"
  | "read"
  | "create"
  | "create-from-sandbox"
  | "sandboxes"
  | "delete"
  | "activate"
  | "deactivate"
  | "build-logs-url"
  | "build-logs"
  | "log-stream"
  | "regions"
  | "registries"
  | "keys"
  | "storage-access"
  | "registry-access"
  | "storage"
  | "registry"
  | "account"
  | "public"
  | "other";

export interface LoggedRequest {
  /** 1 for the first. */
  n: number;
  /** Milliseconds since the epoch. */
  time: number;
  method: string;
  /** Without the query. */
  path: string;
  /** With the query. */
  url: string;
  kind: RequestKind;
  /** null while there is no answer, or when it was never sent. */
  status: number | null;
  ms: number | null;
}

/** Log of everything that was asked, control commands aside. */
export class RequestLog {
  #entries: LoggedRequest[] = [];

  begin(method: string, path: string, url: string, kind: RequestKind): LoggedRequest {
    const entry: LoggedRequest = {
      n: this.#entries.length + 1,
      time: Date.now(),
      method,
      path,
      url,
      kind,
      status: null,
      ms: null,
    };
    this.#entries.push(entry);
    return entry;
  }

  all(): LoggedRequest[] {
    return [...this.#entries];
  }

  /** How many of each kind, and `total`. */
  counts(): Partial<Record<RequestKind | "total", number>> {
    const counts: Partial<Record<RequestKind | "total", number>> = { total: this.#entries.length };
    for (const { kind } of this.#entries) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }

  clear(): void {
    this.#entries = [];
  }
}
