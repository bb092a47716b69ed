import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "../../../../provider/lifecycle/call/system-clock";
import type { HttpAnswer } from "../../../../provider/lifecycle/image-registry/errors";
import type { WireRequest } from "../../../../provider/lifecycle/image-registry/wire";
import { imageResolver, type OpenResolver, type ResolverOptions } from "../../../../provider/lifecycle/resolve";

export const OCI = "application/vnd.oci.image";

export const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: `${OCI}.manifest.v1+json`,
  config: { mediaType: `${OCI}.config.v1+json`, digest: `sha256:${"a".repeat(64)}`, size: 2 },
  layers: [],
});

export const sha256 = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

export const answerOf = (status: number, body = "", headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers,
  body: Buffer.from(body),
});

/** A home for one test, and a registry that is imitated: `answer` decides what each request gets. */
export class Imitated {
  readonly home = mkdtempSync(join(tmpdir(), "home-"));
  readonly requests: { method: string; url: string; authorization: string | undefined; body: string }[] = [];
  readonly log: string[] = [];
  answer: (request: WireRequest) => HttpAnswer | Promise<HttpAnswer> = () => answerOf(200, MANIFEST);
  private readonly open: OpenResolver[] = [];

  resolver(options: Partial<ResolverOptions> = {}): OpenResolver {
    const resolver = imageResolver({
      env: { HOME: this.home, ...options.env },
      clock: options.clock ?? { ...systemClock },
      log: { debug: (line) => void this.log.push(line) },
      wire: async (request) => {
        const { method, url, headers, data } = request;
        const body = Buffer.concat([...(data ?? [])]).toString();
        this.requests.push({ method, url, authorization: headers["authorization"], body });
        return this.answer(request);
      },
      ...(options.timeLimitMs === undefined ? {} : { timeLimitMs: options.timeLimitMs }),
      ...(options.needsPlatforms === undefined ? {} : { needsPlatforms: options.needsPlatforms }),
    });
    this.open.push(resolver);
    return resolver;
  }

  /** Writes a file of the home. */
  write(name: string, content: object | string, mode = 0o600): void {
    const path = join(this.home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode });
  }

  end(): void {
    for (const resolver of this.open) resolver.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Never answers, but ends when the request is given up, as a socket does. */
export function hanging({ signal }: WireRequest): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

export const refusing = (code: string, message: string): Promise<never> =>
  Promise.reject(Object.assign(new Error(message), { code }));
