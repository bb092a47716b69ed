import { thrown } from "../resource/diagnostics";
import type { TfDataSource } from "../types";

type Answer = Awaited<ReturnType<TfDataSource["read"]>>;

/** A read whose failures are told to the user as they stand. */
export async function answer(body: () => Promise<Answer>): Promise<Answer> {
  try {
    return await body();
  } catch (error) {
    return { state: null, diagnostics: [thrown(error)] };
  }
}
