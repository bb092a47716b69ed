import { Limiter } from "../../api/http/limiter";
import { RegistryAuth } from "../image-registry/auth";
import { RegistryConnection } from "../image-registry/connection";
import type { Wire } from "../image-registry/wire";
import { dockerCredentials, type FoundCredentials, podmanCredentials } from "./credentials/find";
import type { ImageReference } from "./reference";

/** Requests to one registry at a time. */
const LANES = 8;

export interface HostDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly wire?: Wire | undefined;
}

/** Who asks for a repository. */
export interface Asker {
  readonly found: FoundCredentials | null;
  readonly auth: RegistryAuth;
}

/** One registry, for all who ask it in this process: its connections, credentials, and whether it can be reached at all. */
export class RegistryHost {
  readonly connection: RegistryConnection;
  readonly limiter = new Limiter(LANES);
  /** References that are asked for or wait for their turn. */
  active = 0;
  /** Why it is not asked any more; null: it is. */
  down: string | null = null;
  private readonly controller = new AbortController();
  private ofDocker: Promise<FoundCredentials | null> | null = null;
  private readonly askers = new Map<string, Promise<Asker>>();

  constructor(
    private readonly reference: ImageReference,
    private readonly deps: HostDeps,
  ) {
    const { env, wire } = deps;
    this.connection = new RegistryConnection({
      host: reference.apiHost,
      plain: false,
      env,
      wire,
      signal: this.controller.signal,
    });
  }

  /** Aborted when the registry is given up. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Everybody who waits for it, and who asks later, gets this reason. */
  giveUp(reason: string): void {
    this.down ??= reason;
    this.close();
  }

  close(): void {
    this.controller.abort();
    this.connection.close();
  }

  /** Tags of one repository share its token. @throws CredentialsProblem */
  asker(repository: string): Promise<Asker> {
    let asker = this.askers.get(repository);
    if (asker === undefined) this.askers.set(repository, (asker = this.makeAsker(repository)));
    return asker;
  }

  private async makeAsker(repository: string): Promise<Asker> {
    const { host, credentialsKey } = this.reference;
    const { env, home } = this.deps;
    this.ofDocker ??= dockerCredentials(credentialsKey, { env, home, signal: this.signal });
    const found = (await this.ofDocker) ?? podmanCredentials(`${host}/${repository}`, { env, home });
    const auth = new RegistryAuth({
      credentials: found?.credentials ?? null,
      repository,
      actions: ["pull"],
      base: () => this.connection.base(),
      send: (exchange) => this.connection.exchange(exchange),
    });
    return { found, auth };
  }
}
