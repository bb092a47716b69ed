import { ApiError, apiFailure, type ListFilter, type SnapshotDto } from "../../lifecycle";
import { snapshotList } from "../../resources/snapshot/attributes/list";
import { fromImport } from "../../resources/snapshot/observed";
import { stateDiagnostics } from "../data/snapshots";
import { diagnostic, thrown } from "../resource/diagnostics";
import { untold } from "../resource/generate";
import { identityOf } from "../resource/identity";
import { importedState } from "../resource/snapshot";
import type { Session } from "../session";
import type { TfDiagnostic, TfList, TfListed, TfObject, TfSchema } from "../types";

const DOING = "Listing snapshots";

/** `list "daytona_snapshot"`: what `terraform query` finds. */
export function snapshotsList(session: Session, schema: TfSchema): TfList {
  return {
    typeName: "daytona_snapshot",
    schema,
    validate: (config) => Promise.resolve([...stateDiagnostics(config), ...timeDiagnostics(config)]),
    list: (config, withResource, call) => listed(session, config, withResource, call.signal),
  };
}

async function* listed(
  session: Session,
  config: TfObject,
  withResource: boolean,
  signal: AbortSignal,
): AsyncGenerator<TfListed | TfDiagnostic, void, undefined> {
  try {
    for await (const page of session.connected(DOING).eachPage(filterOf(config), signal)) {
      for (const dto of page) {
        // Only its owner can manage a general one.
        if (dto.general === true) continue;
        if (withResource) yield* untold(dto);
        yield foundOne(session, dto, withResource);
      }
    }
  } catch (error) {
    yield error instanceof ApiError ? diagnostic("error", apiFailure(DOING, error, session.origin)) : thrown(error);
  }
}

function foundOne(session: Session, dto: SnapshotDto, withResource: boolean): TfListed {
  const state = importedState(fromImport(dto).record);
  if (withResource) session.remember(dto);
  return {
    identity: identityOf(state) ?? {},
    displayName: dto.name,
    ...(withResource ? { resource: state } : {}),
  };
}

const TIMES = ["created_before", "used_before"] as const;

function filterOf(config: TfObject): ListFilter {
  const [createdBefore = null, usedBefore = null] = TIMES.map((name) => timeOf(config[name] ?? null));
  return {
    nameContains: (config["name_contains"] ?? null) as string | null,
    states: (config["states"] ?? null) as string[] | null,
    region: (config["region"] ?? null) as string | null,
    createdBefore,
    usedBefore,
  };
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** Milliseconds since 1970; null: not set; NaN: not a time. */
function timeOf(value: TfObject[string]): number | null {
  if (value === null) return null;
  return typeof value === "string" && TIME.test(value) ? Date.parse(value) : Number.NaN;
}

function timeDiagnostics(config: TfObject): TfDiagnostic[] {
  return TIMES.filter((name) => typeof config[name] === "string" && Number.isNaN(timeOf(config[name] ?? null))).map(
    (name) =>
      diagnostic(
        "error",
        {
          summary: "Invalid time",
          detail: `"${String(config[name])}" is not a time in RFC 3339 format. Write one such as "2026-01-31T00:00:00Z", or \`timeadd(plantimestamp(), "-720h")\` for 30 days ago.`,
          attribute: [name],
        },
        snapshotList.inputs,
      ),
  );
}
