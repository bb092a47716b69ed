import type { Outcome } from "../../lifecycle/contract";
import { snapshotTable } from "../../resources/snapshot/attributes";
import type { SnapshotRecord } from "../../resources/snapshot/record";
import { isBuild } from "../../resources/snapshot/source";
import { validateWritten } from "../../resources/snapshot/validation/validate";
import type { SourceReader } from "../../source/source-reader";
import { NoticeError } from "../ports";
import type { Session } from "../session";
import type { TfCall, TfDiagnostic, TfObject, TfPrivate, TfResource, TfSchema } from "../types";
import { applyResource } from "./apply";
import { callContext } from "./call";
import { recordFromTerraform, stateFromRaw, toTerraform, writtenFromTerraform } from "./convert";
import { diagnostic, diagnostics, thrown } from "./diagnostics";
import { identityOf, identitySchema } from "./identity";
import { marksFromPrivate, privateWithMarks } from "./marks";
import { movedState } from "./move";
import { planResource } from "./plan";
import { readOnlyDiagnostics } from "./read-only";
import { withoutUnread } from "./source";

/** `daytona_snapshot`. */
export function snapshotResource(session: Session, schema: TfSchema, sources: SourceReader): TfResource {
  return {
    typeName: "daytona_snapshot",
    schema,
    identity: identitySchema,
    validate: (config) =>
      Promise.resolve([
        ...readOnlyDiagnostics(snapshotTable, config),
        ...diagnostics("error", validateWritten(writtenFromTerraform(config), "terraform")),
      ]),
    upgrade: (_version, raw) => Promise.resolve({ state: stateFromRaw(raw), diagnostics: [] }),
    read: (args, call) =>
      read(session, args, call).catch((error: unknown) => ({ ...args, diagnostics: [thrown(error)] })),
    plan: (args, call) =>
      planResource(session, sources, args, call).catch((error: unknown) => ({
        planned: args.proposed,
        requiresReplace: [],
        private: args.private,
        identity: args.identity,
        diagnostics: [thrown(error)],
      })),
    apply: (args, call) =>
      applyResource(session, args, call, sources).catch((error: unknown) => ({
        state: args.prior,
        private: withoutUnread(args.private),
        identity: args.identity,
        diagnostics: [thrown(error)],
      })),
    import: (args, call) =>
      importSnapshot(session, args, call).catch((error: unknown) => ({ imported: [], diagnostics: [thrown(error)] })),
    generate: (state, call) => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded where it is asked for, which few commands do
      const { generatedSnapshot } = require("./generate") as typeof import("./generate");
      return generatedSnapshot(session, state, call);
    },
    move: (args) => Promise.resolve(move(args.sourceType, args.raw)),
  };
}

type ReadArgs = Parameters<TfResource["read"]>[0];
type ReadAnswer = Awaited<ReturnType<TfResource["read"]>>;

async function read(session: Session, args: ReadArgs, call: TfCall): Promise<ReadAnswer> {
  const name = String(args.state["name"] ?? args.state["id"]);
  session.read(args.state["name"]);
  const { lifecycle } = session.connected(`Reading snapshot "${name}"`);
  const context = callContext(call, name, true);
  const outcome =
    args.private["moved"] === true
      ? await lifecycle.import(String(args.state["id"] ?? args.state["name"]), context)
      : await lifecycle.read(recordFromTerraform(args.state), marksFromPrivate(args.private), context);
  const told = toldBy(outcome);
  // A failed read keeps the state: only a 404 means that the snapshot is gone.
  if (outcome.error !== undefined || outcome.interrupted === true) return { ...args, diagnostics: told };
  if (outcome.record === null) {
    // Terraform does not say why it plans to create the snapshot again.
    if (told.length === 0) told.push(goneWarning(args.state));
    return { state: null, private: args.private, identity: args.identity, diagnostics: told };
  }
  const state = args.private["moved"] === true ? importedState(outcome.record) : toTerraform(outcome.record);
  const { moved: _moved, ...stored } = withoutUnread(args.private);
  return { state, private: privateWithMarks(stored, outcome.marks), identity: identityOf(state), diagnostics: told };
}

function goneWarning(state: TfObject): TfDiagnostic {
  return {
    severity: "warning",
    summary: `Snapshot "${String(state["name"])}" no longer exists`,
    detail: `Snapshot ${String(state["id"])} was deleted outside of Terraform. This apply, or the next one, recreates it.`,
  };
}

function toldBy(outcome: Outcome): TfDiagnostic[] {
  const found = diagnostics("warning", outcome.warnings);
  if (outcome.error !== undefined) found.push(diagnostic("error", outcome.error));
  return found;
}

type ImportAnswer = Awaited<ReturnType<TfResource["import"]>>;

async function importSnapshot(
  session: Session,
  args: { id: string | null; identity: TfObject | null },
  call: TfCall,
): Promise<ImportAnswer> {
  const name = args.identity?.["name"];
  const asked = args.id ?? (typeof name === "string" ? name : "");
  if (asked.trim() === "") {
    throw new NoticeError({
      summary: "Missing snapshot to import",
      detail: "Import a snapshot by its name or UUID: `terraform import daytona_snapshot.example NAME`.",
    });
  }
  const outcome = await session
    .connected(`Importing snapshot "${asked}"`)
    .lifecycle.import(asked, callContext(call, asked));
  const found = toldBy(outcome);
  // Without an error, Terraform reports an import of nothing as a bug of the provider.
  const [last] = found.slice(-1);
  if (outcome.interrupted === true && last !== undefined) last.severity = "error";
  if (outcome.record === null || outcome.error !== undefined) return { imported: [], diagnostics: found };
  const organization = args.identity?.["organization_id"] ?? null;
  if (
    organization !== null &&
    outcome.record.organizationId !== null &&
    organization !== outcome.record.organizationId
  ) {
    found.push({
      severity: "error",
      summary: `Importing snapshot "${asked}": it belongs to another organization`,
      detail: `The identity names organization ${String(organization)}, but the provider's credentials are for ${outcome.record.organizationId}.`,
    });
    return { imported: [], diagnostics: found };
  }
  const state = importedState(outcome.record);
  return {
    imported: [{ state, private: privateWithMarks({}, outcome.marks), identity: identityOf(state) }],
    diagnostics: found,
  };
}

/** What an import stores. Drops the entrypoint of a build: `-generate-config-out` would write it beside the Dockerfile, which is invalid. */
export function importedState(record: SnapshotRecord): TfObject {
  return toTerraform(!isBuild(record) ? record : { ...record, entrypoint: null });
}

type MoveAnswer = Awaited<ReturnType<NonNullable<TfResource["move"]>>>;

function move(sourceType: string, raw: TfObject): MoveAnswer {
  const state = movedState(sourceType, raw);
  if (state === null) return null;
  // `moved`: the next read fills the state from the API, as an import does.
  const stored: TfPrivate = { imported: true, moved: true };
  return { state, private: stored, identity: identityOf(state), diagnostics: [] };
}
