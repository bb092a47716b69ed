import { ApiError, apiFailure } from "../../lifecycle";
import { diagnostic, thrown } from "../resource/diagnostics";
import type { Session } from "../session";
import type { TfDataSource } from "../types";

type Answer = Awaited<ReturnType<TfDataSource["read"]>>;

/** Runs a read and turns its failures into diagnostics. `doing` begins every message. */
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
