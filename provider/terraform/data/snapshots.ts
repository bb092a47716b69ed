import { snapshotData } from "../../resources/snapshot/attributes";
import { detailsOf } from "../../resources/snapshot/details";
import { states } from "../../resources/snapshot/states";
import { objectToTerraform } from "../resource/convert";
import { readOnlyDiagnostics } from "../resource/read-only";
import { answer } from "./answer";
import type { Session } from "../session";
import type { TfDataSource, TfDiagnostic, TfObject, TfSchema } from "../types";

const table = [...snapshotData.snapshots.inputs, ...snapshotData.snapshots.outputs];

/** `data "daytona_snapshots"`: the organization's snapshots, oldest first. */
export function snapshotsDataSource(session: Session, schema: TfSchema): TfDataSource {
  return {
    typeName: "daytona_snapshots",
    schema,
    validate: (config) =>
      Promise.resolve([...readOnlyDiagnostics(snapshotData.snapshots, config), ...stateDiagnostics(config)]),
    read: (config, call) =>
      answer(session, "Listing snapshots", async () => {
        const filter = {
          nameContains: (config["name_contains"] ?? null) as string | null,
          states: (config["states"] ?? null) as string[] | null,
          region: (config["region"] ?? null) as string | null,
          general: config["include_general"] === true,
        };
        const snapshots = (await session.connected("Listing snapshots").listSnapshots(filter, call.signal)).map(
          detailsOf,
        );
        const values = {
          nameContains: filter.nameContains,
          states: filter.states,
          region: filter.region,
          includeGeneral: config["include_general"] ?? null,
          snapshots,
          ids: snapshots.map((snapshot) => snapshot["id"]),
          names: snapshots.map((snapshot) => snapshot["name"]),
        };
        return { state: objectToTerraform(table, values), diagnostics: [] };
      }),
  };
}

/** What is wrong with `states`. An unknown state is only a warning: a newer API may have more states. */
export function stateDiagnostics(config: TfObject): TfDiagnostic[] {
  const wanted = Array.isArray(config["states"]) ? config["states"] : [];
  return wanted.flatMap((state, index): TfDiagnostic[] => {
    const path = ["states", index];
    if (state === null)
      return [
        {
          severity: "error",
          summary: "Invalid state",
          detail: "The item is null. Set it to a state, or remove it.",
          path,
        },
      ];
    if (typeof state !== "string" || states.includes(state)) return [];
    return [
      {
        severity: "warning",
        summary: `Unknown state "${state}"`,
        detail: `This release knows the states ${states.join(", ")}. Any other state matches no snapshot, unless a newer API has added it.`,
        path,
      },
    ];
  });
}
