import type { TfDataSource, TfProvider } from "../types";
import type {
  ReadDataSource_Request,
  ReadDataSource_Response,
  ValidateDataResourceConfig_Request,
  ValidateDataResourceConfig_Response,
} from "../wire/generated/tfplugin6";
import { schemaType } from "../wire/type";
import type { Calls } from "./calls";
import type { Scope } from "./scope";

function find(scope: Scope, provider: TfProvider, typeName: string): TfDataSource {
  return (
    provider.dataSources.find((d) => d.typeName === typeName) ??
    scope.refuse("Unknown data source", `This version of the Daytona provider has no data source "${typeName}".`)
  );
}

/** The calls that concern one data source. */
export function dataRpcs(calls: Calls) {
  return {
    validateDataResourceConfig: calls.unary<ValidateDataResourceConfig_Request, ValidateDataResourceConfig_Response>(
      "ValidateDataResourceConfig",
      async (request, scope, provider) => {
        const source = find(scope, provider, request.typeName);
        const type = schemaType(source.schema);
        scope.report(await source.validate(scope.decode(request.config, type) ?? {}, scope.call), type);
        return { diagnostics: [] };
      },
      () => ({ diagnostics: [] }),
    ),

    readDataSource: calls.unary<ReadDataSource_Request, ReadDataSource_Response>(
      "ReadDataSource",
      async (request, scope, provider) => {
        const source = find(scope, provider, request.typeName);
        const type = schemaType(source.schema);
        const { state, diagnostics } = await source.read(scope.decode(request.config, type) ?? {}, scope.call);
        scope.report(diagnostics, type);
        if (state === null && !scope.failed)
          scope.refuse("Nothing found", `The data source ${request.typeName} found nothing.`);
        return { state: scope.encode(state, type), diagnostics: [] };
      },
      () => ({ state: undefined, diagnostics: [] }),
    ),
  };
}
