import type { TfProvider, TfSchema } from "../types";
import {
  type ConfigureProvider_Request,
  type ConfigureProvider_Response,
  type GetFunctions_Request,
  type GetFunctions_Response,
  type GetMetadata_Request,
  type GetMetadata_Response,
  type GetProviderSchema_Request,
  type GetProviderSchema_Response,
  type GetResourceIdentitySchemas_Request,
  type GetResourceIdentitySchemas_Response,
  type ServerCapabilities,
  type ValidateProviderConfig_Request,
  type ValidateProviderConfig_Response,
} from "../wire/generated/tfplugin6";
import { toIdentitySchema, toSchema } from "../wire/schema";
import { schemaType } from "../wire/type";
import type { Calls } from "./calls";
import { learnSensitive } from "./redact";

const capabilities: ServerCapabilities = {
  planDestroy: true,
  getProviderSchemaOptional: true,
  moveResourceState: true,
  generateResourceConfig: false,
};

const byName = <T extends { typeName: string }>(list: T[]): T[] =>
  [...list].sort((a, b) => (a.typeName < b.typeName ? -1 : 1));

export function metadata(provider: TfProvider): GetMetadata_Response {
  const names = (list: { typeName: string }[]) => byName(list).map(({ typeName }) => ({ typeName }));
  return {
    serverCapabilities: capabilities,
    diagnostics: [],
    resources: names(provider.resources),
    dataSources: names(provider.dataSources),
  };
}

/** The parts of a provider that its schema describes. */
interface Described {
  readonly schema: TfSchema;
  readonly resources: { readonly typeName: string; readonly schema: TfSchema }[];
  readonly dataSources: { readonly typeName: string; readonly schema: TfSchema }[];
}

export function providerSchema(provider: Described): GetProviderSchema_Response {
  return {
    provider: toSchema(provider.schema),
    resourceSchemas: Object.fromEntries(byName(provider.resources).map((r) => [r.typeName, toSchema(r.schema)])),
    dataSourceSchemas: Object.fromEntries(byName(provider.dataSources).map((d) => [d.typeName, toSchema(d.schema)])),
    diagnostics: [],
    serverCapabilities: capabilities,
  };
}

export function identitySchemas(provider: TfProvider): GetResourceIdentitySchemas_Response {
  const entries = byName(provider.resources).flatMap((r) =>
    r.identity === undefined ? [] : [[r.typeName, toIdentitySchema(r.identity)] as const],
  );
  return { identitySchemas: Object.fromEntries(entries), diagnostics: [] };
}

/** The calls that concern the provider as a whole. */
export function providerRpcs(calls: Calls) {
  return {
    getMetadata: calls.unary<GetMetadata_Request, GetMetadata_Response>(
      "GetMetadata",
      async (_request, _scope, provider) => metadata(provider),
      () => ({ serverCapabilities: capabilities, diagnostics: [], resources: [], dataSources: [] }),
    ),

    getProviderSchema: calls.unary<GetProviderSchema_Request, GetProviderSchema_Response>(
      "GetProviderSchema",
      async (_request, _scope, provider) => providerSchema(provider),
      () => ({
        provider: undefined,
        resourceSchemas: {},
        dataSourceSchemas: {},
        diagnostics: [],
        serverCapabilities: capabilities,
      }),
    ),

    getResourceIdentitySchemas: calls.unary<GetResourceIdentitySchemas_Request, GetResourceIdentitySchemas_Response>(
      "GetResourceIdentitySchemas",
      async (_request, _scope, provider) => identitySchemas(provider),
      () => ({ identitySchemas: {}, diagnostics: [] }),
    ),

    validateProviderConfig: calls.unary<ValidateProviderConfig_Request, ValidateProviderConfig_Response>(
      "ValidateProviderConfig",
      async (request, scope, provider) => {
        const type = schemaType(provider.schema);
        const config = scope.decode(request.config, type) ?? {};
        learnSensitive(scope.redactor, config, provider.schema);
        scope.report(await provider.validate(config, scope.call), type);
        return { diagnostics: [] };
      },
      () => ({ diagnostics: [] }),
    ),

    configureProvider: calls.unary<ConfigureProvider_Request, ConfigureProvider_Response>(
      "ConfigureProvider",
      async (request, scope, provider) => {
        const type = schemaType(provider.schema);
        const config = scope.decode(request.config, type) ?? {};
        learnSensitive(scope.redactor, config, provider.schema);
        scope.report(await provider.configure(config, request.terraformVersion, scope.call), type);
        return { diagnostics: [] };
      },
      () => ({ diagnostics: [] }),
    ),

    getFunctions: calls.unary<GetFunctions_Request, GetFunctions_Response>(
      "GetFunctions",
      async () => ({ functions: {}, diagnostics: [] }),
      () => ({ functions: {}, diagnostics: [] }),
    ),
  };
}
