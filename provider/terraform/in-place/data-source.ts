import { identifierOf, snakeCase } from "../../kit/attribute";
import { type InPlaceDefinition, listedValues } from "../../resources";
import { answer } from "../data/answer";
import { objectToTerraform } from "../resource/convert";
import { readOnlyDiagnostics } from "../resource/read-only";
import type { Session } from "../session";
import type { TfDataSource, TfSchema } from "../types";

/** `data "daytona_<plural>"`: all of them, in the API's order. */
export function listDataSource(session: Session, schema: TfSchema, definition: InPlaceDefinition): TfDataSource {
  const { plural, table, listTable } = definition;
  const name = identifierOf(plural);
  const doing = `Listing ${plural}`;
  return {
    typeName: `daytona_${snakeCase(name)}`,
    schema,
    validate: (config) => Promise.resolve(readOnlyDiagnostics(listTable, config)),
    read: (_config, call) =>
      answer(session, doing, async () => {
        const all = await session.connected(doing).inPlace(definition).list(call.signal);
        return {
          state: objectToTerraform([...listTable.inputs, ...listTable.outputs], {
            [name]: all.map((dto) => listedValues(table, dto)),
            ids: all.map(({ id }) => id),
          }),
          diagnostics: [],
        };
      }),
  };
}
