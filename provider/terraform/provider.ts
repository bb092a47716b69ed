import { providerTable } from "../snapshot/attributes";
import { validateProvider } from "../snapshot/validation/validate";
import type { WrittenProvider } from "../snapshot/validation/validate";
import { createSourceReader } from "../source/source-reader";
import { connector } from "./connector";
import { regionsDataSource } from "./data/regions";
import { snapshotDataSource } from "./data/snapshot";
import { snapshotsDataSource } from "./data/snapshots";
import type { Connector } from "./ports";
import { fromTable } from "./resource/convert";
import { diagnostics, thrown } from "./resource/diagnostics";
import { snapshotResource } from "./resource/snapshot";
import { schemas } from "./schema.gen";
import { Session } from "./session";
import type { TfProvider } from "./types";

export interface ProviderOptions {
  /** Version of this release, for the `User-Agent` header. */
  version?: string;
  /** Replaces the real connection in tests. */
  connector?: Connector;
}

/**
 * Everything that the Terraform face serves: resource `daytona_snapshot` and three data sources.
 * @param env environment variables, read when the provider is configured
 */
export function createProvider(env: Record<string, string | undefined>, options: ProviderOptions = {}): TfProvider {
  const sources = createSourceReader({ env });
  const session = new Session(options.connector ?? connector({ env, version: options.version ?? "0", sources }));
  return {
    schema: schemas.provider,
    validate: (config) =>
      Promise.resolve(diagnostics("error", validateProvider(fromTable(providerTable.inputs, config) as unknown as WrittenProvider), providerTable.inputs)),
    async configure(config, terraformVersion, call) {
      try {
        session.configure(config, terraformVersion, call);
        return [];
      } catch (error) {
        const { path, ...found } = thrown(error, providerTable.inputs);
        // A missing argument has no line to point at; Terraform would show "<empty> line 0".
        return [path !== undefined && (config[String(path[0])] ?? null) !== null ? { ...found, path } : found];
      }
    },
    resources: [snapshotResource(session, schemas.snapshot, sources)],
    dataSources: [
      snapshotDataSource(session, schemas.snapshotData),
      snapshotsDataSource(session, schemas.snapshotsData),
      regionsDataSource(session, schemas.regionsData),
    ],
    stop: () => undefined,
    close: () => session.close(),
  };
}
