import { ApiError } from "../../lifecycle";
import { thrown } from "../resource/diagnostics";
import type { TfDataSource } from "../types";

type Answer = Awaited<ReturnType<TfDataSource["read"]>>;

/** A read whose failures are told to the user as they stand. `doing` begins every message. */
export async function answer(doing: string, body: () => Promise<Answer>): Promise<Answer> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof ApiError) return { state: null, diagnostics: [{ severity: "error", summary: `${doing} failed`, detail: error.message }] };
    return { state: null, diagnostics: [thrown(error)] };
  }
}
