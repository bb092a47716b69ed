import { ApiError, apiDetails, apiFailure, ConfigError, connect } from "../../lifecycle";
import { providerTable } from "../../resources/provider/attributes";
import type { Attribute } from "../../kit/attribute";
import { mapRows } from "../../resources/snapshot/table/values";
import { type WrittenProvider, validateProvider } from "../../resources/provider/validate";
import { createSourceReader, type SourceReader } from "../../source/source-reader";
import { ToolSession } from "../../tool/session";
import type { Failure } from "./check";
import { isUnknown } from "../../kit/unknown";
import { Keepers } from "./keepers";
import { KeptDigests } from "./kept-digests";
import { Refused } from "./refused";
import { SeenSources } from "./seen-sources";
import type { Bag, Value } from "./values";
import { textOf } from "./words";

const SET_CONFIGURATION = "To set stack configuration, run `pulumi config set [--secret] daytona:NAME VALUE`.";

/** Names of the configuration values, without `daytona:`. */
export const configNames: readonly string[] = providerTable.inputs.map((attribute) => attribute.name);
/** Names of the secret configuration values. */
export const secretConfigNames: readonly string[] = (providerTable.inputs as readonly Attribute[])
  .filter((attribute) => attribute.sensitive)
  .map((attribute) => attribute.name);

/** Converts the provider configuration for the core. The engine writes values other than strings as JSON. */
export function configFrom(values: Bag): WrittenProvider {
  return mapRows(providerTable.inputs, (attribute) =>
    configValue(attribute, values[attribute.name] ?? null),
  ) as WrittenProvider;
}

function configValue(attribute: Attribute, value: Value): Value {
  const text = typeof value === "string" ? value.trim() : null;
  if (text === null || (attribute.type !== "integer" && attribute.type !== "boolean")) return value;
  if (text === "") return null;
  return attribute.type === "integer" ? Number(text) : text === "true" || text === "false" ? text === "true" : value;
}

/** CheckConfig: what is wrong with the configuration, without the environment. */
export function checkConfig(values: Bag): Failure[] {
  const wrong = (providerTable.inputs as readonly Attribute[]).filter((attribute) => {
    const value = configValue(attribute, values[attribute.name] ?? null);
    return (
      Number.isNaN(value) || (attribute.type === "boolean" && !isUnknown(value) && typeof (value ?? true) !== "boolean")
    );
  });
  if (wrong.length > 0)
    return wrong.map(({ name, type }) => ({
      property: name,
      reason: `Expected ${type === "boolean" ? "true or false" : "a whole number"}, got "${String(values[name])}".`,
    }));
  return validateProvider(configFrom(values)).map((notice) => ({
    property: String(notice.attribute?.[0] ?? ""),
    reason: `${notice.summary}: ${notice.detail}`,
  }));
}

/** The configured provider: the shared session with Pulumi's spelling and errors. */
export class Session extends ToolSession {
  readonly sources: SourceReader;
  readonly seen: SeenSources;
  /** Which resources of the program keep which snapshot. */
  readonly keepers = new Keepers(() => this.known?.lifecycle ?? null);
  /** What Diff has said of the digests of replacements. */
  readonly digests = new KeptDigests();

  /** @param options.face end of the `User-Agent` header: `pulumi` or `pulumi-dynamic` */
  constructor(
    private readonly options: {
      env: Record<string, string | undefined>;
      version: string;
      face: string;
      debug(message: string): void;
    },
  ) {
    super(
      {
        attribute: (name) => name,
        createFirst: "Create it first (`pulumi up --target URN`), or set the value in the stack configuration.",
        noCredentials: (doing, reason) => ({ summary: `${doing}: ${reason}. ${SET_CONFIGURATION}`, detail: "" }),
      },
      (notice) => new Refused(textOf(notice)),
    );
    this.sources = createSourceReader({ env: options.env });
    this.seen = new SeenSources(options.env);
  }

  override close(): void {
    super.close();
    this.keepers.reset();
    this.digests.reset();
  }

  /** `values`: names without `daytona:`. @throws Refused if the configuration is invalid */
  configure(values: Bag): void {
    this.close();
    const [failure] = checkConfig(values);
    if (failure !== undefined) throw new Refused(`daytona:${failure.property}: ${failure.reason}`);
    const { env, version, face, debug } = this.options;
    try {
      const missing = this.open({ ...configFrom(values) }, (args) =>
        connect(
          args,
          env,
          { debug },
          { sources: this.sources, spell: (name) => `daytona:${name}`, userAgent: `daytona-iac/${version} ${face}` },
        ),
      );
      if (missing.length > 0) debug(`provider configuration not known yet: ${missing.join(", ")}`);
    } catch (error) {
      if (error instanceof ConfigError)
        throw new Refused(`The Daytona provider cannot be configured: ${error.message}. ${SET_CONFIGURATION}`);
      throw error;
    }
  }

  /** For `.catch` of a request outside the lifecycle. `doing` begins the message. @throws Refused for an API error; rethrows any other */
  refuse(doing: string): (error: unknown) => never {
    return (error) => {
      throw error instanceof ApiError
        ? new Refused(textOf(apiFailure(doing, error, this.origin)), apiDetails(error))
        : error;
    };
  }
}
