import { ApiError, apiFailure, ConfigError, type Connected, type ConnectionArgs, connect } from "../../lifecycle";
import { type Attribute, providerTable } from "../../snapshot/attributes";
import { type WrittenProvider, validateProvider } from "../../snapshot/validation/validate";
import { type MaybeUnknown, UNKNOWN, isUnknown } from "../../snapshot/unknown";
import type { Failure } from "./check";
import { Refused } from "./refused";
import type { Bag, Value } from "./values";
import { textOf } from "./words";

/** Without these no request can be made; an unknown region or concurrency only matters later. */
const needed = ["apiKey", "jwtToken", "organizationId", "apiUrl", "profile"];

/** Names of the configuration's values, without `daytona:`. */
export const configNames: readonly string[] = providerTable.inputs.map((attribute) => attribute.name);
/** Those of them that are secrets. */
export const secretConfigNames: readonly string[] = (providerTable.inputs as readonly Attribute[]).filter((attribute) => attribute.sensitive).map((attribute) => attribute.name);

/** Provider configuration as the core reads it. The engine writes everything that is no string as JSON text. */
export function configFrom(values: Bag): WrittenProvider {
  return Object.fromEntries(providerTable.inputs.map((attribute) => [attribute.name, configValue(attribute, values[attribute.name] ?? null)])) as unknown as WrittenProvider;
}

function configValue(attribute: Attribute, value: Value): Value {
  if (attribute.type !== "integer" || typeof value !== "string") return value;
  return value.trim() === "" ? null : Number(value);
}

/** CheckConfig: what is wrong with the configuration by itself. */
export function checkConfig(values: Bag): Failure[] {
  const noNumbers = (providerTable.inputs as readonly Attribute[]).filter((attribute) => Number.isNaN(configValue(attribute, values[attribute.name] ?? null)));
  if (noNumbers.length > 0) return noNumbers.map(({ name }) => ({ property: name, reason: `A whole number is wanted here, not "${String(values[name])}".` }));
  return validateProvider(configFrom(values)).map((notice) => ({ property: String(notice.attribute?.[0] ?? ""), reason: `${notice.summary}: ${notice.detail}` }));
}

/** The configured provider. In a preview, values may be unknown: what needs no request still works, what needs one says which value is missing. */
export class Session {
  #config: Bag = {};
  #configured = false;
  #connected: Connected | null = null;

  /** @param options.face ends the `User-Agent`: `pulumi`, or `pulumi-dynamic`. */
  constructor(private readonly options: { env: Record<string, string | undefined>; version: string; face: string; debug(message: string): void }) {}

  /** `values`: names without `daytona:`. @throws Refused where the configuration cannot be right. */
  configure(values: Bag): void {
    this.close();
    const [failure] = checkConfig(values);
    if (failure !== undefined) throw new Refused(`daytona:${failure.property}: ${failure.reason}`);
    this.#config = configFrom(values) as unknown as Bag;
    this.#configured = true;
    if (this.#unknown().length > 0) return this.options.debug(`provider configuration not known yet: ${this.#unknown().join(", ")}`);
    const args = Object.fromEntries(Object.entries(this.#config).map(([name, value]) => [name, isUnknown(value) ? null : value])) as ConnectionArgs;
    try {
      const { env, version, face, debug } = this.options;
      this.#connected = connect(args, env, { debug }, { spell: (name) => `daytona:${name}`, userAgent: `daytona-iac/${version} ${face}` });
    } catch (error) {
      if (error instanceof ConfigError) throw new Refused(`The Daytona provider cannot be configured: ${error.message}. Stack configuration is set by \`pulumi config set [--secret] daytona:NAME VALUE\`.`);
      throw error;
    }
  }

  /** The region that new snapshots get where they name none; null: the organization's. */
  get region(): MaybeUnknown<string | null> {
    if (isUnknown(this.#config["region"])) return UNKNOWN;
    if (this.#connected !== null) return this.#connected.region;
    const written = this.#config["region"] ?? null;
    return typeof written === "string" ? written : UNKNOWN;
  }

  /** For `.catch` of a request outside the lifecycle. `doing` begins the message. @throws Refused for an error of the API, any other as it is. */
  refuse(doing: string): (error: unknown) => never {
    return (error) => {
      throw error instanceof ApiError ? new Refused(textOf(apiFailure(doing, error, this.#connected?.connection.sources))) : error;
    };
  }

  /** @throws Refused while a value that a request needs is unknown. `doing` begins the message. */
  connected(doing: string): Connected {
    if (this.#connected !== null) return this.#connected;
    if (!this.#configured) throw new Refused(`${doing}: the provider is not configured`);
    const names = this.#unknown().map((name) => `\`${name}\``).join(" and ");
    throw new Refused(`${doing}: the provider's ${names} is not known yet. It comes from a resource that does not exist yet. Create that resource first (\`pulumi up --target URN\`), or take the value from configuration.`);
  }

  close(): void {
    this.#connected?.close();
    this.#connected = null;
  }

  #unknown(): string[] {
    return needed.filter((name) => isUnknown(this.#config[name]));
  }
}
