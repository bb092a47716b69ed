import { ApiError, apiFailure } from "../../lifecycle";
import { isUnknown } from "../../kit/unknown";
import { pushAccessOf, pushAccessTable } from "../../resources/registry/push-access";
import { objectToTerraform } from "../resource/convert";
import { diagnostic, thrown } from "../resource/diagnostics";
import { readOnlyDiagnostics } from "../resource/read-only";
import type { Session } from "../session";
import type { TfEphemeral, TfObject, TfSchema } from "../types";

const DOING = "Requesting credentials for the registry";
const table = [...pushAccessTable.inputs, ...pushAccessTable.outputs];

/** `ephemeral "daytona_registry_push_access"`: temporary credentials, new with every opening. There is nothing to close: they expire. */
export function pushAccessEphemeral(session: Session, schema: TfSchema): TfEphemeral {
  return {
    typeName: "daytona_registry_push_access",
    schema,
    validate: (config) => Promise.resolve(readOnlyDiagnostics(pushAccessTable, config)),
    async open(config, call) {
      try {
        return { result: await opened(session, config, call.signal), diagnostics: [] };
      } catch (error) {
        if (!(error instanceof ApiError)) return { result: null, diagnostics: [thrown(error, table)] };
        return { result: null, diagnostics: [diagnostic("error", apiFailure(DOING, error, session.origin), table)] };
      }
    },
  };
}

async function opened(session: Session, config: TfObject, signal: AbortSignal): Promise<TfObject> {
  const connected = session.connected(DOING);
  const asked = config["region"] ?? null;
  const region = typeof asked === "string" && asked !== "" ? asked : isUnknown(session.region) ? null : session.region;
  const access = await connected.registryAccess(region, signal);
  return objectToTerraform(table, { region: asked, ...pushAccessOf(access) });
}
