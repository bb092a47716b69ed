import { AmbiguousAnswerError, ServerError } from "../../api/errors";
import { type Endpoints, type InPlaceDefinition, type Listed, means, type Values } from "../../resources";
import { Failure } from "../../kit/failure";
import type { Deadline } from "../call/deadline";
import { DeadlinePassed, Interrupted } from "../call/errors";
import type { InPlaceCall } from "./contract";

/** After a lost answer, the request may still be on its way, so the list is read several times. In ms. */
const LOOKS_MS = [0, 500, 1500];
/** How long the list may take after an interrupt, in ms. */
const LAST_LOOK_MS = 500;

export interface CreateTools {
  readonly definition: InPlaceDefinition;
  readonly endpoints: Endpoints<Listed, Values>;
  readonly deadline: Deadline;
  /** IDs that this process has created. */
  readonly own: ReadonlySet<string>;
  readonly call: Pick<InPlaceCall, "words" | "look">;
}

/**
 * Sends the POST once. Its names are not unique, so a repeated one could make a second resource. If the answer is lost, what is new in the
 * list and has all values that were sent is the one.
 * @throws ApiError, Failure, Interrupted, DeadlinePassed
 */
export async function sendCreate(tools: CreateTools, planned: Values, body: Values): Promise<Listed> {
  const { endpoints, deadline } = tools;
  const before = new Set((await deadline.read((signal) => endpoints.list({ signal }))).map(({ id }) => id));
  try {
    return await deadline.change((signal) => endpoints.create(body, { signal }));
  } catch (error) {
    const over = error instanceof Interrupted || error instanceof DeadlinePassed;
    if (!over && !(error instanceof AmbiguousAnswerError) && !(error instanceof ServerError)) throw error;
    const found = await (over ? lookOnce(tools, planned, before) : lookFor(tools, planned, before));
    const [one, ...others] = found;
    // A 500 is an answer, and says more than that there was none.
    if (one === undefined && error instanceof ServerError) throw error;
    if (one === undefined)
      throw new Failure(notFound(tools, planned, over), {
        code: error instanceof DeadlinePassed ? "deadline" : "unanswered",
        cause: error,
      });
    if (others.length > 0) throw new Failure(severalFound(tools, planned, found), { code: "unanswered", cause: error });
    return one;
  }
}

async function lookFor(
  { definition, endpoints, deadline, own }: CreateTools,
  planned: Values,
  before: ReadonlySet<string>,
): Promise<Listed[]> {
  for (const delay of LOOKS_MS) {
    if (delay > 0) await deadline.sleep(delay);
    const found = matching(
      definition,
      await deadline.read((signal) => endpoints.list({ signal })),
      planned,
      before,
      own,
    );
    if (found.length > 0) return found;
  }
  return [];
}

async function lookOnce(
  { definition, endpoints, deadline, own }: CreateTools,
  planned: Values,
  before: ReadonlySet<string>,
): Promise<Listed[]> {
  const stop = new AbortController();
  const all = await deadline.within(
    LAST_LOOK_MS,
    endpoints.list({ signal: stop.signal }).catch(() => [] as Listed[]),
  );
  stop.abort();
  return matching(definition, all ?? [], planned, before, own);
}

function matching(
  { table }: InPlaceDefinition,
  all: readonly Listed[],
  planned: Values,
  before: ReadonlySet<string>,
  own: ReadonlySet<string>,
): Listed[] {
  return all.filter(
    (dto) =>
      !before.has(dto.id) &&
      !own.has(dto.id) &&
      table.inputs.every((input) => input.read === undefined || means(input, planned[input.name], dto[input.read])),
  );
}

function notFound({ definition: { noun }, call: { look } }: CreateTools, planned: Values, over: boolean) {
  const next =
    look === undefined
      ? `The ${noun} may exist, but it is not in the state. Check for it before you try again.`
      : `The ${noun} may exist. ${look}`;
  return {
    summary: `creating ${noun} "${String(planned["name"])}": the response was lost`,
    detail: over
      ? `The call ended before the API responded. ${next}`
      : `The API did not say whether it created the ${noun}, and its list contains no new one. Try again.`,
  };
}

function severalFound(
  { definition: { noun, plural }, call: { words } }: CreateTools,
  planned: Values,
  found: readonly Listed[],
) {
  const commands = found.map(({ id }) => words.importCommand(id)?.trim() ?? null);
  const next = commands.includes(null) ? "Delete the surplus ones" : "Import one of them, and delete the others";
  return {
    summary: `creating ${noun} "${String(planned["name"])}": the response was lost`,
    detail: `${found.length} new ${plural} have these values, so it is unknown which one this call created. ${next}:\n${found.map(({ id }, at) => `  ${commands[at] ?? id}`).join("\n")}`,
  };
}
