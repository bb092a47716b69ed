import type { Connected, ConnectionArgs, Origin } from "../lifecycle";
import { providerTable } from "../snapshot/attributes";
import type { Notice } from "../snapshot/record";
import { type MaybeUnknown, UNKNOWN, isUnknown } from "../snapshot/unknown";

/** No request can be made without these. An unknown region or concurrency only matters later. */
const NEEDED = ["apiKey", "jwtToken", "organizationId", "apiUrl", "profile"];

/** What the tools say differently about their provider configuration. */
export interface SessionWords {
  /** A provider argument as the tool spells it. */
  attribute(name: string): string;
  /** The command that creates the resource an unknown argument comes from, and the other way out. */
  createFirst: string;
}

/**
 * The configured provider, for the life of the process. In a plan or a preview, arguments may be unknown: whatever needs no
 * request still works, and what needs one names the missing argument.
 */
export class ToolSession {
  #values: Record<string, unknown> = {};
  #configured = false;
  #connected: Connected | null = null;

  /** @param fail turns a message into the error that the face throws */
  constructor(private readonly words: SessionWords, private readonly fail: (notice: Notice) => Error) {}

  /**
   * Takes a new configuration, and connects unless a needed argument is unknown.
   * @param values by the core's names; null where nothing is set
   * @returns the needed arguments that are unknown, as the tool spells them
   */
  protected open(values: Record<string, unknown>, connect: (args: ConnectionArgs) => Connected): string[] {
    this.close();
    this.#values = values;
    this.#configured = true;
    const missing = this.#unknown();
    if (missing.length === 0) {
      this.#connected = connect(Object.fromEntries(providerTable.inputs.map(({ name }) => [name, isUnknown(values[name]) ? null : (values[name] ?? null)])) as ConnectionArgs);
    }
    return missing;
  }

  /** Where the credentials and the address came from, for messages; undefined before the provider is configured. */
  get origin(): Origin | undefined {
    return this.#connected?.connection.sources;
  }

  /** The region of new snapshots that name none; null: the organization's default. */
  get region(): MaybeUnknown<string | null> {
    if (this.#connected !== null) return isUnknown(this.#values["region"]) ? UNKNOWN : this.#connected.region;
    const written = this.#values["region"] ?? null;
    return typeof written === "string" ? written : UNKNOWN;
  }

  /**
   * @param doing the beginning of the message: `Creating snapshot "agent"`
   * @throws what `fail` makes, while an argument that a request needs is unknown
   */
  connected(doing: string): Connected {
    if (this.#connected !== null) return this.#connected;
    if (!this.#configured) throw this.fail({ summary: `${doing}: the provider is not configured`, detail: "The tool sent no provider configuration. This is a bug in the tool, not in your program." });
    const names = this.#unknown().map((name) => `\`${name}\``);
    const many = names.length > 1;
    throw this.fail({
      summary: `${doing}: the provider's ${names.join(" and ")} ${many ? "are" : "is"} not known yet`,
      detail: `This needs a request to the API, but ${many ? "these provider arguments come from resources that do" : "this provider argument comes from a resource that does"} not exist yet. ${this.words.createFirst}`,
    });
  }

  close(): void {
    this.#connected?.close();
    this.#connected = null;
  }

  #unknown(): string[] {
    return NEEDED.filter((name) => isUnknown(this.#values[name])).map((name) => this.words.attribute(name));
  }
}
