import { type MaybeUnknown, UNKNOWN, isUnknown } from "../snapshot/unknown";
import type { Origin } from "../lifecycle";
import { providerTable, snakeCase } from "../snapshot/attributes";
import type { Connected, Connector } from "./ports";
import { NoticeError } from "./ports";
import type { TfCall, TfObject } from "./types";

/** Without these no request can be made; an unknown region or concurrency only matters later. */
const needed = ["api_key", "jwt_token", "organization_id", "api_url", "profile"];

/**
 * The configured provider. In a plan, arguments may be unknown: then whatever needs no request still works,
 * and what does need one says which argument is missing.
 */
export class Session {
  #config: TfObject = {};
  #connected: Connected | null = null;

  constructor(private readonly connector: Connector) {}

  /** @throws NoticeError where the configuration cannot be right. */
  configure(config: TfObject, terraformVersion: string, call: TfCall): void {
    this.#connected?.close();
    this.#connected = null;
    this.#config = config;
    if (this.#unknown().length > 0) {
      call.log("debug", "provider configuration not known yet", { attributes: this.#unknown().join(", ") });
      return;
    }
    this.#connected = this.#connect(call, terraformVersion);
  }

  /** Where the connection's parts came from, for messages; undefined where there is none. */
  get origin(): Origin | undefined {
    return this.#connected?.connection.sources;
  }

  /** The region that new snapshots get where they name none; null: the organization's. */
  get region(): MaybeUnknown<string | null> {
    if (this.#connected !== null) return isUnknown(this.#config["region"]) ? UNKNOWN : this.#connected.region;
    const written = this.#config["region"] ?? null;
    return typeof written === "string" ? written : UNKNOWN;
  }

  /** @throws NoticeError while an argument that a request needs is unknown. `why` completes "…cannot be read". */
  connected(doing: string): Connected {
    if (this.#connected !== null) return this.#connected;
    const [first, ...others] = this.#unknown();
    if (first === undefined) throw new NoticeError({ summary: `${doing}: the provider is not configured`, detail: "Terraform sent no provider configuration. This is a fault of the caller, not of your program." });
    const names = [first, ...others].map((name) => `\`${name}\``).join(" and ");
    throw new NoticeError({
      summary: `${doing}: the provider's ${names} ${others.length > 0 ? "are" : "is"} not known yet`,
      detail:
        `${doing} needs a request to the API, but ${names} in the provider's configuration ${others.length > 0 ? "come from resources that do" : "comes from a resource that does"} not exist before the apply. ` +
        `Apply that resource first (\`terraform apply -target=ADDRESS\`), or give the value in a variable or the environment.`,
    });
  }

  close(): void {
    this.#connected?.close();
    this.#connected = null;
  }

  #unknown(): string[] {
    return needed.filter((name) => isUnknown(this.#config[name]));
  }

  #connect(call: TfCall, terraformVersion: string): Connected {
    const args: Record<string, unknown> = {};
    for (const attribute of providerTable.inputs) {
      const value = this.#config[snakeCase(attribute.name)] ?? null;
      args[attribute.name] = isUnknown(value) ? null : value;
    }
    return this.connector({ args, terraformVersion, debug: (message) => call.log("debug", message) });
  }
}
