import { identifierOf, snakeCase } from "../../kit/attribute";
import { ApiError, apiFailure } from "../../lifecycle";
import { type InPlaceDefinition, observe } from "../../resources";
import { missingSecret } from "../in-place/resource";
import { objectToTerraform } from "../resource/convert";
import { diagnostic, thrown } from "../resource/diagnostics";
import type { Session } from "../session";
import type { TfDiagnostic, TfList, TfListed, TfObject, TfSchema } from "../types";

/** `list "daytona_<noun>"`: what `terraform query` finds of a resource that is changed in place. */
export function inPlaceList(session: Session, schema: TfSchema, definition: InPlaceDefinition): TfList {
  return {
    typeName: `daytona_${snakeCase(identifierOf(definition.noun))}`,
    schema,
    validate: () => Promise.resolve([]),
    list: (config, withResource, call) => listed(session, definition, config, withResource, call.signal),
  };
}

async function* listed(
  session: Session,
  definition: InPlaceDefinition,
  config: TfObject,
  withResource: boolean,
  signal: AbortSignal,
): AsyncGenerator<TfListed | TfDiagnostic, void, undefined> {
  const { plural, table } = definition;
  const doing = `Listing ${plural}`;
  const part = typeof config["name_contains"] === "string" ? config["name_contains"].toLowerCase() : "";
  try {
    for (const dto of await session.connected(doing).inPlace(definition).list(signal)) {
      if (!dto.name.toLowerCase().includes(part)) continue;
      if (withResource) yield* missingSecret(definition, dto.name);
      yield {
        identity: { id: dto.id },
        displayName: dto.name,
        ...(withResource
          ? { resource: objectToTerraform([...table.inputs, ...table.outputs], observe(table, null, dto)) }
          : {}),
      };
    }
  } catch (error) {
    yield error instanceof ApiError ? diagnostic("error", apiFailure(doing, error, session.origin)) : thrown(error);
  }
}
