import type { RegistryAccess } from "../../../api/types";
import { type HttpAnswer, registryError, RegistryError } from "./registry-failure";

/** Challenges that are answered before the credentials count as rejected. A token may expire during a long push. */
const MOST_TOKENS = 50;

/** Answers the challenges of a registry: basic authentication, or a token (https://distribution.github.io/distribution/spec/auth/token/). */
export class RegistryAuth {
  /** Value of the Authorization header; null before the first challenge. */
  authorization: string | null = null;
  private tokens = 0;
  private fresh = false;

  constructor(
    private readonly access: RegistryAccess,
    private readonly repository: string,
    private readonly get: (url: string, authorization: string | null) => Promise<HttpAnswer>,
  ) {}

  /** @returns whether the request is worth sending again. @throws RegistryError if the token service refuses */
  async answer({ headers }: HttpAnswer): Promise<boolean> {
    const challenge = String(headers["www-authenticate"] ?? "");
    if (/^basic/i.test(challenge)) {
      if (this.authorization !== null) return false;
      this.authorization = this.basic();
      return true;
    }
    const realm = parameter(challenge, "realm");
    if (!/^bearer/i.test(challenge) || realm === null || this.tokens >= MOST_TOKENS) return false;
    this.tokens += 1;
    const url = new URL(realm);
    const service = parameter(challenge, "service");
    if (service !== null) url.searchParams.set("service", service);
    url.searchParams.set("scope", parameter(challenge, "scope") ?? `repository:${this.repository}:pull,push`);
    url.searchParams.set("account", this.access.username);
    const answer = await this.get(url.href, this.basic());
    if (answer.status !== 200) throw registryError(answer);
    const before = this.authorization;
    this.authorization = `Bearer ${token(answer)}`;
    // A second token in a row that is refused as well will not get better.
    const again = before === null || !this.fresh;
    this.fresh = before !== null;
    return again;
  }

  private basic(): string {
    return `Basic ${Buffer.from(`${this.access.username}:${this.access.secret}`).toString("base64")}`;
  }
}

function token({ body }: HttpAnswer): string {
  let found: { token?: unknown; access_token?: unknown } = {};
  try {
    found = JSON.parse(body.toString("utf8")) as typeof found;
  } catch {
    // Told below.
  }
  const text = found.token ?? found.access_token;
  if (typeof text !== "string" || text === "") throw new RegistryError(0, "", "the token service answered without a token");
  return text;
}

function parameter(challenge: string, name: string): string | null {
  return new RegExp(`[\\s,]${name}="([^"]*)"`, "i").exec(challenge)?.[1] ?? null;
}
