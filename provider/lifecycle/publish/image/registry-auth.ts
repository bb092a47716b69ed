import type { RegistryAccess } from "../../../api/types";
import { namedAddress } from "./registry-address";
import { fieldsOf, type HttpAnswer, registryError, RegistryError } from "./registry-failure";

/** Tokens in a row that may be refused: the first may have been issued for another action. */
const MOST_REFUSED = 2;

/** What a request needs a token for: the repository itself, or a blob of another one besides. */
export type TokenUse = "own" | "mount";

interface Slot {
  /** Value of the Authorization header; null before the first challenge. */
  authorization: string | null;
  /** Tokens since the registry took one. */
  untried: number;
  /** A token that has been asked for: requests run side by side, and the first that is refused asks for all. */
  asking: Promise<void> | null;
}

/** Answers the challenges of a registry: basic authentication, or a token (https://distribution.github.io/distribution/spec/auth/token/). */
export class RegistryAuth {
  private readonly slots: Record<TokenUse, Slot> = { own: emptySlot(), mount: emptySlot() };
  private password = false;

  constructor(
    private readonly access: RegistryAccess,
    private readonly repository: string,
    /** The registry's own address. */
    private readonly base: () => Promise<URL>,
    private readonly get: (url: string, authorization: string | null) => Promise<HttpAnswer>,
  ) {}

  /** Value of the Authorization header; null before the first challenge. */
  authorization(use: TokenUse): string | null {
    if (this.password) return this.basic();
    return this.slots[use].authorization ?? this.slots.own.authorization;
  }

  /**
   * @param answer of the registry itself, a 401: nobody else gets the password
   * @returns whether the request is worth sending again. @throws RegistryError if the token service refuses, or cannot be asked safely
   */
  async answer({ headers }: HttpAnswer, use: TokenUse): Promise<boolean> {
    const slot = this.slots[use];
    if (slot.asking !== null) {
      await slot.asking;
      return true;
    }
    const challenge = String(headers["www-authenticate"] ?? "");
    if (/^basic/i.test(challenge)) {
      if (this.password) return false;
      this.password = true;
      return true;
    }
    const realm = parameter(challenge, "realm");
    if (!/^bearer/i.test(challenge) || realm === null || slot.untried >= MOST_REFUSED) return false;
    slot.asking = this.renew(slot, challenge, realm).finally(() => (slot.asking = null));
    await slot.asking;
    return true;
  }

  /** The registry took what it was sent. A token that it rejects later has expired. */
  accepted(use: TokenUse): void {
    this.slots[use].untried = 0;
  }

  private async renew(slot: Slot, challenge: string, realm: string): Promise<void> {
    const url = namedAddress("password", realm, await this.base());
    const service = parameter(challenge, "service");
    if (service !== null) url.searchParams.set("service", service);
    const named = (parameter(challenge, "scope") ?? "").split(" ").filter((scope) => scope !== "");
    const scopes = this.widened(named);
    let answer = await this.ask(url, scopes);
    // A service that refuses what it cannot grant in full, where others grant a part.
    if (answer.status >= 400 && answer.status < 500 && named.length > 0 && scopes.join() !== named.join())
      answer = await this.ask(url, named);
    if (answer.status !== 200) throw registryError(answer);
    slot.authorization = `Bearer ${token(answer)}`;
    slot.untried += 1;
  }

  private ask(realm: URL, scopes: readonly string[]): Promise<HttpAnswer> {
    const url = new URL(realm);
    for (const scope of scopes) url.searchParams.append("scope", scope);
    url.searchParams.set("account", this.access.username);
    return this.get(url.href, this.basic());
  }

  /** The scopes of a challenge, with all that a push does in its own repository: some registries name pull and push apart. */
  private widened(named: readonly string[]): string[] {
    const own = `repository:${this.repository}:`;
    const widen = (scope: string): string =>
      scope.startsWith(own)
        ? own + [...new Set(["pull", "push", ...scope.slice(own.length).split(",")])].filter(Boolean).join(",")
        : scope;
    return named.length === 0 ? [`${own}pull,push`] : named.map(widen);
  }

  private basic(): string {
    return `Basic ${Buffer.from(`${this.access.username}:${this.access.secret}`).toString("base64")}`;
  }
}

function emptySlot(): Slot {
  return { authorization: null, untried: 0, asking: null };
}

function token({ body }: HttpAnswer): string {
  const found = fieldsOf(body);
  const text = found["token"] ?? found["access_token"];
  if (typeof text !== "string" || text === "")
    throw new RegistryError(0, "", "the token service answered without a token");
  return text;
}

function parameter(challenge: string, name: string): string | null {
  return new RegExp(`[\\s,]${name}="([^"]*)"`, "i").exec(challenge)?.[1] ?? null;
}
