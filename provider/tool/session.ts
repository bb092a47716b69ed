import { type Connected, type ConnectionArgs, type ImageResolver, NoCredentialsError, type Origin } from "../lifecycle";
import { providerTable } from "../resources/provider/attributes";
import type { Notice } from "../kit/notice";
import { type MaybeUnknown, UNKNOWN, isUnknown } from "../kit/unknown";

/** Required for every request. An unknown region or concurrency only matters later. */
const NEEDED = ["apiKey", "jwtToken", "organizationId", "apiUrl", "profile"];

/** Words that differ between the tools in messages about the provider configuration. */
export interface SessionWords {
  /** Spells a provider argument for the tool. */
  attribute(name: string): string;
  /** How to create the resource that an unknown argument comes from, and the alternative. */
  createFirst: string;
  /** That a request needs credentials and there are none. @param reason the core's sentence, without a full stop */
  noCredentials(doing: string, reason: string): Notice;
}

/**
 * The configured provider, for the life of the process. Arguments can be unknown during a plan or a preview. Calls that need no request still
 * work; the others report the missing argument. Missing credentials are reported by what needs a request, too: a program without snapshots
 * needs no account.
 */
export class ToolSession {
  #values: Record<string, unknown> = {};
  #configured = false;
  #connected: Connected | null = null;
  #absent: NoCredentialsError | null = null;

  /** @param fail turns a message into the error that the face throws */
  constructor(
    private readonly words: SessionWords,
    private readonly fail: (notice: Notice) => Error,
  ) {}

  /**
   * Sets a new configuration, and connects unless a required argument is unknown or there are no credentials.
   * @param values by the names of the core; null, or a blank text, if not set
   * @returns the required arguments that are unknown, spelled for the tool
   */
  protected open(values: Record<string, unknown>, connect: (args: ConnectionArgs) => Connected): string[] {
    this.close();
    this.#values = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? value.trim() || null : value]),
    );
    this.#configured = true;
    const missing = this.#unknown();
    if (missing.length === 0) {
      const args = providerTable.inputs.map(({ name }) => {
        const value = this.#values[name];
        return [name, isUnknown(value) ? null : (value ?? null)] as const;
      });
      try {
        this.#connected = connect(Object.fromEntries(args) as ConnectionArgs);
      } catch (error) {
        if (!(error instanceof NoCredentialsError)) throw error;
        this.#absent = error;
      }
    }
    return missing;
  }

  /** Why no request can be made at all; null: one can, or it is not known yet. @param doing the beginning of the message */
  withoutCredentials(doing: string): Notice | null {
    return this.#absent === null ? null : this.words.noCredentials(doing, this.#absent.message);
  }

  /** @throws the error made by `fail` if no request can be made at all: for a plan that shows what needs one */
  needsCredentials(doing: string): void {
    const absent = this.withoutCredentials(doing);
    if (absent !== null) throw this.fail(absent);
  }

  /** Where the credentials and the API URL came from, for messages; undefined before the provider is configured. */
  get origin(): Origin | undefined {
    return this.#connected?.connection.sources;
  }

  /** The region of new snapshots without one; null: the default of the organization. */
  get region(): MaybeUnknown<string | null> {
    if (this.#connected !== null) return isUnknown(this.#values["region"]) ? UNKNOWN : this.#connected.region;
    const written = this.#values["region"] ?? null;
    return typeof written === "string" ? written : UNKNOWN;
  }

  /** Asks registries what tags name; null: none is to be asked, or it is not known whether it is. */
  get images(): ImageResolver | null {
    return isUnknown(this.#values["resolveTags"]) ? null : (this.#connected?.images ?? null);
  }

  /** Looks a sandbox up; null: the provider is not configured yet. */
  get sandboxes(): Connected["findSandbox"] | null {
    const connected = this.#connected;
    return connected === null ? null : (nameOrId, signal) => connected.findSandbox(nameOrId, signal);
  }

  /**
   * @param doing the beginning of the message: `Creating snapshot "agent"`
   * @throws the error made by `fail`, while a required argument is unknown or there are no credentials
   */
  connected(doing: string): Connected {
    if (this.#connected !== null) return this.#connected;
    if (!this.#configured)
      throw this.fail({
        summary: `${doing}: the provider is not configured`,
        detail: "The tool sent no provider configuration. This is a bug in the tool.",
      });
    this.needsCredentials(doing);
    const names = this.#unknown().map((name) => `\`${name}\``);
    const many = names.length > 1;
    throw this.fail({
      summary: `${doing}: the provider's ${names.join(" and ")} ${many ? "are" : "is"} not known yet`,
      detail: `This needs a request to the API, but ${many ? "these provider arguments come from resources that do" : "this provider argument comes from a resource that does"} not exist yet. ${this.words.createFirst}`,
    });
  }

  /** The connection; null while a required argument is unknown. */
  protected get known(): Connected | null {
    return this.#connected;
  }

  close(): void {
    this.#connected?.close();
    this.#connected = null;
    this.#absent = null;
  }

  #unknown(): string[] {
    return NEEDED.filter((name) => isUnknown(this.#values[name])).map((name) => this.words.attribute(name));
  }
}
