import type { ServerReadableStream, ServerUnaryCall, ServerWritableStream, sendUnaryData } from "@grpc/grpc-js";
import { toDiagnostic } from "../wire/diagnostic";
import type {
  Absent_ActionEvent,
  Absent_Request,
  Absent_Response,
  Absent_SecondField,
  Absent_StateChunk,
  Absent_StateWrite,
  Diagnostic,
} from "../wire/generated/tfplugin6";

function none(what: string, name: string): Diagnostic[] {
  return [
    toDiagnostic({
      severity: "error",
      summary: `No such ${what}`,
      detail: `This version of the Daytona provider has no ${what}${name === "" ? "" : ` "${name}"`}.`,
    }),
  ];
}

const refuse =
  (what: string) => (call: ServerUnaryCall<Absent_Request, Absent_Response>, answer: sendUnaryData<Absent_Response>) =>
    answer(null, { diagnostics: none(what, call.request.typeName) });

const refuseSecond =
  (what: string) =>
  (call: ServerUnaryCall<Absent_Request, Absent_SecondField>, answer: sendUnaryData<Absent_SecondField>) =>
    answer(null, { diagnostics: none(what, call.request.typeName) });

const refuseStream =
  <Event>(what: string, event: (diagnostics: Diagnostic[]) => Event) =>
  (call: ServerWritableStream<Absent_Request, Event>) => {
    call.write(event(none(what, call.request.typeName)));
    call.end();
  };

/** Calls for features that this provider does not have. Terraform makes none of them, but would get an answer. */
export const absentRpcs = {
  validateActionConfig: refuse("action"),
  planAction: refuse("action"),
  invokeAction: refuseStream<Absent_ActionEvent>("action", (diagnostics) => ({ completed: { diagnostics } })),

  validateStateStoreConfig: refuse("state store"),
  configureStateStore: refuse("state store"),
  readStateBytes: refuseStream<Absent_StateChunk>("state store", (diagnostics) => ({ diagnostics })),
  writeStateBytes: (
    call: ServerReadableStream<Absent_StateWrite, Absent_Response>,
    answer: sendUnaryData<Absent_Response>,
  ) => {
    call.on("data", () => undefined);
    call.on("end", () => answer(null, { diagnostics: none("state store", "") }));
  },
  lockState: refuseSecond("state store"),
  unlockState: refuse("state store"),
  getStates: refuseSecond("state store"),
  deleteState: refuse("state store"),
};
