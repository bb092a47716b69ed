import { ApiError, apiFailure } from "../../lifecycle";
import { diagnostic, thrown } from "../resource/diagnostics";
import type { Session } from "../session";
import type { TfDataSource } from "../types";

type Answer = Awaited<ReturnType<TfDataSource["read"]>>;

/** A read whose failures are told to the user as they stand. `doing` begins every message. */
export async function answer(session: Session, doing: string, body: () => Promise<Answer>): Promise<Answer> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof ApiError) {
      const { summary, detail } = apiFailure(doing, error, session.origin);
      return { state: null, diagnostics: [diagnostic("error", { summary, detail })] };
    }
    return { state: null, diagnostics: [thrown(error)] };
  }
}
