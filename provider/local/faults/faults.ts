import type { RequestKind } from "../protocol/request-log";

/** A fault to inject and the requests it applies to. The first matching rule wins. */
export interface FaultRule {
  method?: string;
  /** Part of the path, or a regular expression in process. */
  path?: string | RegExp;
  kind?: RequestKind;
  /** Matching requests that pass before the rule starts. Default 0. */
  skip?: number;
  /** Number of requests it applies to. Defaults to 1; -1: all. */
  times?: number;
  /**
   * `answer`: this status and body, the request is not executed. `drop-before`, `drop-after`: the socket is destroyed
   * without, or after executing. `hang-before`, `hang-after`: no answer until `release`, the request not yet, or already
   * executed. `delay`: the answer comes `delayMs` late. `html`: an error page of a proxy. `lose-delete`: a DELETE is
   * answered and forgotten.
   */
  action: "answer" | "drop-before" | "drop-after" | "hang-before" | "hang-after" | "delay" | "html" | "lose-delete";
  /** Default 503; `html` 502. */
  status?: number;
  headers?: Record<string, string>;
  /** Default: the server's error shape. */
  body?: unknown;
  delayMs?: number;
}

export interface ActiveFault extends FaultRule {
  id: number;
  /** Requests it has hit. */
  hits: number;
}

interface Held extends ActiveFault {
  seen: number;
  release: () => void;
  released: Promise<void>;
  waiting: { hits: number; resolve: () => void }[];
}

export const HTML_PAGE =
  "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";

export class Faults {
  #rules: Held[] = [];
  #next = 1;

  add(rule: FaultRule): number {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    this.#rules.push({ ...rule, id: this.#next, hits: 0, seen: 0, release, released, waiting: [] });
    return this.#next++;
  }

  /** The rule for this request, counted. */
  match(method: string, path: string, kind: RequestKind): Held | undefined {
    const rule = this.#rules.find((r) => {
      if (r.method !== undefined && r.method.toUpperCase() !== method) return false;
      if (r.kind !== undefined && r.kind !== kind) return false;
      if (typeof r.path === "string" && !path.includes(r.path)) return false;
      if (r.path instanceof RegExp && !r.path.test(path)) return false;
      const times = r.times ?? 1;
      if (times >= 0 && r.hits >= times) return false;
      return ++r.seen > (r.skip ?? 0);
    });
    if (!rule) return undefined;
    rule.hits++;
    return rule;
  }

  /** Notifies those who wait for the rule to take effect. */
  arrived(rule: Held): void {
    rule.waiting = rule.waiting.filter((waiter) => {
      if (rule.hits < waiter.hits) return true;
      waiter.resolve();
      return false;
    });
  }

  /** Resolves when the rule has hit so many requests (for `hang-after`: when they are executed). */
  reached(id: number, hits = 1): Promise<void> {
    const rule = this.#rules.find((r) => r.id === id);
    if (!rule || rule.hits >= hits) return Promise.resolve();
    return new Promise((resolve) => rule.waiting.push({ hits, resolve }));
  }

  /** Releases the requests held by the rule. */
  release(id: number): void {
    this.#rules.find((r) => r.id === id)?.release();
  }

  list(): ActiveFault[] {
    return this.#rules.map(
      ({ seen: _seen, release: _release, released: _released, waiting: _waiting, ...rule }) => rule,
    );
  }

  clear(): void {
    for (const rule of this.#rules) {
      rule.release();
      for (const waiter of rule.waiting) waiter.resolve();
    }
    this.#rules = [];
  }
}
