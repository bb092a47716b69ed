import type { TfEphemeral, TfProvider } from "../types";
import type {
  CloseEphemeralResource_Request,
  CloseEphemeralResource_Response,
  OpenEphemeralResource_Request,
  OpenEphemeralResource_Response,
  RenewEphemeralResource_Request,
  RenewEphemeralResource_Response,
  ValidateEphemeralResourceConfig_Request,
  ValidateEphemeralResourceConfig_Response,
} from "../wire/generated/tfplugin6";
import { schemaType } from "../wire/type";
import type { Calls } from "./calls";
import type { Scope } from "./scope";

function find(scope: Scope, { ephemerals = [] }: TfProvider, typeName: string): TfEphemeral {
  return (
    ephemerals.find((one) => one.typeName === typeName) ??
    scope.refuse(
      "No such ephemeral resource",
      `This version of the Daytona provider has no ephemeral resource "${typeName}".`,
    )
  );
}

/** The calls that concern one ephemeral resource. */
export function ephemeralRpcs(calls: Calls) {
  return {
    validateEphemeralResourceConfig: calls.unary<
      ValidateEphemeralResourceConfig_Request,
      ValidateEphemeralResourceConfig_Response
    >(
      "ValidateEphemeralResourceConfig",
      async (request, scope, provider) => {
        const wanted = find(scope, provider, request.typeName);
        const type = schemaType(wanted.schema);
        scope.report(await wanted.validate(scope.decode(request.config, type) ?? {}, scope.call), type);
        return { diagnostics: [] };
      },
      () => ({ diagnostics: [] }),
    ),

    openEphemeralResource: calls.unary<OpenEphemeralResource_Request, OpenEphemeralResource_Response>(
      "OpenEphemeralResource",
      async (request, scope, provider) => {
        const wanted = find(scope, provider, request.typeName);
        const type = schemaType(wanted.schema);
        const { result, diagnostics } = await wanted.open(scope.decode(request.config, type) ?? {}, scope.call);
        // Before anything is logged or reported.
        scope.learn(result, wanted.schema);
        scope.report(diagnostics, type);
        return { result: result === null ? undefined : scope.encode(result, type), diagnostics: [] };
      },
      () => ({ result: undefined, diagnostics: [] }),
    ),

    // No answer of an open asks for a renewal, so Terraform does not call it.
    renewEphemeralResource: calls.unary<RenewEphemeralResource_Request, RenewEphemeralResource_Response>(
      "RenewEphemeralResource",
      async (request, scope, provider) => {
        find(scope, provider, request.typeName);
        return {
          diagnostics: [],
          ...(request.private === undefined ? {} : { private: request.private }),
        };
      },
      () => ({ diagnostics: [] }),
    ),

    closeEphemeralResource: calls.unary<CloseEphemeralResource_Request, CloseEphemeralResource_Response>(
      "CloseEphemeralResource",
      async (request, scope, provider) => {
        find(scope, provider, request.typeName);
        return { diagnostics: [] };
      },
      () => ({ diagnostics: [] }),
    ),
  };
}
