import { identifierOf } from "../kit/attribute";
import { providerTable } from "../resources/provider/attributes";
import { validateProvider } from "../resources/provider/validate";
import { createSourceReader } from "../source/source-reader";
import { parentCommand } from "../process/parent-command";
import { inPlaceResources } from "../resources";
import { connector } from "./connector";
import { regionsDataSource } from "./data/regions";
import { snapshotDataSource } from "./data/snapshot";
import { snapshotsDataSource } from "./data/snapshots";
import { listDataSource } from "./in-place/data-source";
import { inPlaceResource } from "./in-place/resource";
import { providerFunctions } from "./functions/functions";
import { systemClock } from "../lifecycle";
import type { Connector } from "./ports";
import { fromTable } from "./resource/convert";
import { FinalDigests } from "./resource/final-digest";
import { FinalPlans } from "./resource/final-plan";
import { diagnostics, thrown } from "./resource/diagnostics";
import { OwnedResource } from "./resource/owners/resource";
import { snapshotResource } from "./resource/snapshot";
import { schemaOf } from "./schema.gen";
import { Session } from "./session";
import type { Later } from "./later";
import type { TfProvider } from "./types";

export interface ProviderOptions {
  /** Version of this release, for the `User-Agent` header. */
  version?: string;
  /** Replaces the real connection in tests. */
  connector?: Connector;
}

/**
 * Everything that the Terraform face serves: `daytona_snapshot`, its data sources, and the resources and lists of `inPlaceResources`.
 * @param env environment variables, read when the provider is configured
 */
export function createProvider(env: Record<string, string | undefined>, options: ProviderOptions = {}): TfProvider {
  const sources = createSourceReader({ env });
  const session = new Session(
    options.connector ?? connector({ env, version: options.version ?? "0", sources }),
    new FinalPlans(env),
    new FinalDigests(env),
  );
  let whole: boolean | null = null;
  const snapshots = new OwnedResource(
    snapshotResource(session, schemaOf("snapshot"), sources),
    systemClock,
    () => session.lifecycle,
    () => (whole ??= parentCommand(env).whole),
  );
  let loaded: Later | undefined;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded by the first command that uses it, which few do
  const rare = (): Later => (loaded ??= (require("./later") as typeof import("./later")).later(session));
  return {
    schema: schemaOf("provider"),
    validate: (config) =>
      Promise.resolve(
        diagnostics("error", validateProvider(fromTable(providerTable.inputs, config)), providerTable.inputs),
      ),
    async configure(config, terraformVersion, call) {
      snapshots.reset();
      try {
        session.configure(config, terraformVersion, call);
        return [];
      } catch (error) {
        const { path, ...found } = thrown(error, providerTable.inputs);
        // A missing argument has no line to point at; Terraform would show "<empty> line 0".
        return [path !== undefined && (config[String(path[0])] ?? null) !== null ? { ...found, path } : found];
      }
    },
    resources: [
      snapshots.resource,
      ...inPlaceResources.map((definition) =>
        inPlaceResource(session, schemaOf(identifierOf(definition.noun)), definition),
      ),
    ],
    dataSources: [
      snapshotDataSource(session, schemaOf("snapshotData")),
      snapshotsDataSource(session, schemaOf("snapshotsData")),
      regionsDataSource(session, schemaOf("regionsData")),
      ...inPlaceResources.map((definition) =>
        listDataSource(session, schemaOf(`${identifierOf(definition.plural)}Data`), definition),
      ),
    ],
    functions: providerFunctions(sources),
    get lists() {
      return rare().lists;
    },
    get ephemerals() {
      return rare().ephemerals;
    },
    stop: () => undefined,
    close: () => session.close(),
  };
}
