import type { TfFunctionSignature, TfProvider, TfSchema } from "../types";
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
import { toFunction, toIdentitySchema, toSchema } from "../wire/schema";
import { schemaType } from "../wire/type";
import type { Calls } from "./calls";
import { learnSensitive } from "./redact";

const capabilities: ServerCapabilities = {
  planDestroy: true,
  getProviderSchemaOptional: true,
  moveResourceState: true,
  generateResourceConfig: true,
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
    functions: functionsByName(provider).map(({ name }) => ({ name })),
    ephemeralResources: names(provider.ephemerals ?? []),
    listResources: names(provider.lists ?? []),
  };
}

const functionsByName = ({ functions = [] }: { functions?: TfFunctionSignature[] }): TfFunctionSignature[] =>
  [...functions].sort((a, b) => (a.name < b.name ? -1 : 1));

const functionsOf = (provider: { functions?: TfFunctionSignature[] }) =>
  Object.fromEntries(functionsByName(provider).map((one) => [one.name, toFunction(one)]));

/** What has a schema and a name. */
interface Typed {
  readonly typeName: string;
  readonly schema: TfSchema;
}

/** The parts of a provider that its schema describes. */
interface Described {
  readonly schema: TfSchema;
  readonly resources: Typed[];
  readonly dataSources: Typed[];
  readonly functions?: TfFunctionSignature[];
  readonly ephemerals?: Typed[];
  readonly lists?: Typed[];
}

export function providerSchema(provider: Described): GetProviderSchema_Response {
  const schemas = (list: Typed[]) =>
    Object.fromEntries(byName(list).map(({ typeName, schema }) => [typeName, toSchema(schema)]));
  return {
    provider: toSchema(provider.schema),
    resourceSchemas: schemas(provider.resources),
    dataSourceSchemas: schemas(provider.dataSources),
    functions: functionsOf(provider),
    ephemeralResourceSchemas: schemas(provider.ephemerals ?? []),
    listResourceSchemas: schemas(provider.lists ?? []),
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
      () => ({
        serverCapabilities: capabilities,
        diagnostics: [],
        resources: [],
        dataSources: [],
        functions: [],
        ephemeralResources: [],
        listResources: [],
      }),
    ),

    getProviderSchema: calls.unary<GetProviderSchema_Request, GetProviderSchema_Response>(
      "GetProviderSchema",
      async (_request, _scope, provider) => providerSchema(provider),
      () => ({
        provider: undefined,
        resourceSchemas: {},
        dataSourceSchemas: {},
        functions: {},
        ephemeralResourceSchemas: {},
        listResourceSchemas: {},
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
      async (_request, _scope, provider) => ({ functions: functionsOf(provider), diagnostics: [] }),
      () => ({ functions: {}, diagnostics: [] }),
    ),
  };
}
