import { namedAddress } from "./address";
import type { Credentials, IdentityToken } from "./credentials";
import { fieldsOf, type HttpAnswer, registryError, RegistryError } from "./errors";
import type { Exchange, TokenUse } from "./exchange";

/** Tokens in a row that may be refused: the first may have been issued for another action. */
const MOST_REFUSED = 2;

export interface AuthDeps {
  readonly credentials: Credentials;
  readonly repository: string;
  /** All that is done in the repository: some registries name pull and push apart. */
  readonly actions: readonly ("pull" | "push")[];
  /** The registry's own address. */
  base(): Promise<URL>;
  /** Sends a request to the token service. */
  send(exchange: Exchange): Promise<HttpAnswer>;
}

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

  constructor(private readonly deps: AuthDeps) {}

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
      if (this.password || this.basic() === null) return false;
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
    const url = namedAddress("password", realm, await this.deps.base());
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
    const { credentials } = this.deps;
    const url = new URL(realm);
    if (credentials !== null && "identityToken" in credentials) return this.refresh(url, scopes, credentials);
    for (const scope of scopes) url.searchParams.append("scope", scope);
    if (credentials !== null) url.searchParams.set("account", credentials.username);
    const authorization = this.basic();
    return this.deps.send({
      method: "GET",
      url: url.href,
      headers: authorization === null ? {} : { authorization },
    });
  }

  /** As https://distribution.github.io/distribution/spec/auth/oauth/ has it. */
  private refresh(url: URL, scopes: readonly string[], { identityToken }: IdentityToken): Promise<HttpAnswer> {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      service: url.searchParams.get("service") ?? "",
      client_id: "daytona-iac",
      scope: scopes.join(" "),
      refresh_token: identityToken,
    });
    url.searchParams.delete("service");
    return this.deps.send({
      method: "POST",
      url: url.href,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      data: [Buffer.from(form.toString())],
    });
  }

  /** The scopes of a challenge, with all that is done in the own repository. */
  private widened(named: readonly string[]): string[] {
    const { repository, actions } = this.deps;
    const own = `repository:${repository}:`;
    const widen = (scope: string): string =>
      scope.startsWith(own)
        ? own + [...new Set([...actions, ...scope.slice(own.length).split(",")])].filter(Boolean).join(",")
        : scope;
    return named.length === 0 ? [own + actions.join(",")] : named.map(widen);
  }

  /** null: there is no password. */
  private basic(): string | null {
    const { credentials } = this.deps;
    if (credentials === null || !("secret" in credentials)) return null;
    return `Basic ${Buffer.from(`${credentials.username}:${credentials.secret}`).toString("base64")}`;
  }
}

function emptySlot(): Slot {
  return { authorization: null, untried: 0, asking: null };
}

function token({ body }: HttpAnswer): string {
  const found = fieldsOf(body);
  const text = found["token"] ?? found["access_token"];
  if (typeof text !== "string" || text === "")
    throw new RegistryError(0, "", "the response of the token service contains no token");
  if (/[^\x20-\x7e]/.test(text))
    throw new RegistryError(
      0,
      "",
      "the token of the token service contains a character that is not allowed in an HTTP header",
    );
  return text;
}

function parameter(challenge: string, name: string): string | null {
  return new RegExp(`[\\s,]${name}="([^"]*)"`, "i").exec(challenge)?.[1] ?? null;
}
