import { snapshotData } from "../../resources/snapshot/attributes";
import { detailsOf } from "../../resources/snapshot/details";
import { isUnknown } from "../../kit/unknown";
import { objectToTerraform } from "../resource/convert";
import { readOnlyDiagnostics } from "../resource/read-only";
import { answer } from "./answer";
import type { Session } from "../session";
import type { TfDataSource, TfDiagnostic, TfObject, TfSchema } from "../types";

const table = [...snapshotData.snapshot.inputs, ...snapshotData.snapshot.outputs];

/** `data "daytona_snapshot"`: one snapshot by ID or name, including the fields that the API changes by itself. */
export function snapshotDataSource(session: Session, schema: TfSchema): TfDataSource {
  return {
    typeName: "daytona_snapshot",
    schema,
    validate: (config) => Promise.resolve([...readOnlyDiagnostics(snapshotData.snapshot, config), ...validate(config)]),
    read: (config, call) =>
      answer(session, reading(config), async () => {
        const { id, name } = config;
        const by = typeof id === "string" ? { id } : { name: String(name) };
        const found = await session.connected(reading(config)).getSnapshot(by, call.signal);
        if (found === null) {
          return {
            state: null,
            diagnostics: [
              {
                severity: "error",
                summary: `No snapshot with the ${which(config)}`,
                detail: `Neither your organization nor the general snapshots include one with the ${which(config)}. The data source \`daytona_snapshots\` lists all snapshots.`,
                path: [typeof id === "string" ? "id" : "name"],
              },
            ],
          };
        }
        return { state: objectToTerraform(table, detailsOf(found)), diagnostics: [] };
      }),
  };
}

function which({ id, name }: TfObject): string {
  return typeof id === "string" ? `id "${id}"` : `name "${String(name)}"`;
}

function reading(config: TfObject): string {
  return `Reading the snapshot with the ${which(config)}`;
}

function validate(config: TfObject): TfDiagnostic[] {
  const { id, name } = config;
  if (isUnknown(id) || isUnknown(name)) return [];
  const given = [id, name].filter((value) => value !== null && value !== undefined);
  if (given.length !== 1) {
    return [
      {
        severity: "error",
        summary: given.length === 0 ? "Neither `id` nor `name` is set" : "Both `id` and `name` are set",
        detail: "Set exactly one of `id` (the UUID) and `name` to choose the snapshot.",
        ...(given.length === 0 ? {} : { path: ["name"] }),
      },
    ];
  }
  const empty = id === "" ? "id" : name === "" ? "name" : null;
  return empty === null
    ? []
    : [
        {
          severity: "error",
          summary: `\`${empty}\` is empty`,
          detail: `Set it to the ${empty === "id" ? "UUID" : "name"} of a snapshot.`,
          path: [empty],
        },
      ];
}
