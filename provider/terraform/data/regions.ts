import { regionsTable } from "../../resources/regions/attributes";
import { objectToTerraform } from "../resource/convert";
import { readOnlyDiagnostics } from "../resource/read-only";
import { answer } from "./answer";
import { foundRegions } from "./found";
import type { Session } from "../session";
import type { TfDataSource, TfSchema } from "../types";

const table = [...regionsTable.inputs, ...regionsTable.outputs];

/** `data "daytona_regions"`: the regions where snapshots can be created. */
export function regionsDataSource(session: Session, schema: TfSchema): TfDataSource {
  return {
    typeName: "daytona_regions",
    schema,
    validate: (config) => Promise.resolve(readOnlyDiagnostics(regionsTable, config)),
    read: (_config, call) =>
      answer(session, "Listing regions", async () => {
        const regions = foundRegions(await session.connected("Listing regions").regions(call.signal));
        return {
          state: objectToTerraform(table, { regions, ids: regions.map((region) => region["id"]) }),
          diagnostics: [],
        };
      }),
  };
}
