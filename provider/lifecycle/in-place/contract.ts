import type { Listed, Values } from "../../resources";
import type { Failure } from "../../kit/failure";
import type { Notice } from "../../kit/notice";
import type { ToolWords } from "../../kit/words";

/** The context of one call of the tool. */
export interface InPlaceCall {
  /** Aborted when the user interrupts. The call returns within 2 s. */
  signal: AbortSignal;
  log: { debug(message: string): void };
  /** Time limit, in ms. Default: five minutes. */
  timeoutMs?: number;
  /** The tool's commands and spelling, for messages. */
  words: Pick<ToolWords, "attribute" | "refreshAndRun" | "importCommand">;
  /** Of a tool without a state: the sentence that says how to see what exists. Not set: a refresh shows it. */
  look?: string;
}

/** The result of a call. */
export interface InPlaceOutcome {
  /** Every attribute, wholly known. Null: there is no such resource, or it was never created. */
  record: Values | null;
  error?: Notice;
  /** The failure that `error` tells of. */
  failure?: Failure;
  /** The call was interrupted, and `error` only says so. */
  interrupted?: true;
}

/** The lifecycle of a resource that is changed in place. Its methods never throw: every failure is an outcome with an `error`. */
export interface InPlaceLifecycle {
  /** @param secrets values of write-only attributes, by name */
  create(planned: Values, secrets: Values, call: InPlaceCall): Promise<InPlaceOutcome>;
  /** Refreshes the record. A null record without an error: it is gone. */
  read(record: Values, call: InPlaceCall): Promise<InPlaceOutcome>;
  /** Sends what the plan has. The error of one that is gone says so. */
  update(prior: Values, planned: Values, secrets: Values, call: InPlaceCall): Promise<InPlaceOutcome>;
  /** One that is gone already is no error. */
  delete(record: Values, call: InPlaceCall): Promise<InPlaceOutcome>;
  /** By UUID, else by a name that only one of them has. */
  import(idOrName: string, call: InPlaceCall): Promise<InPlaceOutcome>;
  /** All of them, as the API answers them. @throws ApiError */
  list(signal?: AbortSignal): Promise<Listed[]>;
}
