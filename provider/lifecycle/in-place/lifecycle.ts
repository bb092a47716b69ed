import { ApiError, NotFoundError } from "../../api/errors";
import {
  bodyOf,
  chooseOne,
  type Endpoints,
  type InPlaceDefinition,
  type Listed,
  observe,
  planInPlace,
  type Values,
} from "../../resources";
import { Failure } from "../../kit/failure";
import { capital } from "../../kit/words";
import { Deadline } from "../call/deadline";
import { assertNamedOrganization, type NamedOrganization } from "../call/named-organization";
import { DeadlinePassed, Interrupted } from "../call/errors";
import type { Clock, Origin } from "../contract";
import { failureOfApi } from "../messages/api-failure";
import type { InPlaceCall, InPlaceLifecycle, InPlaceOutcome } from "./contract";
import { sendCreate } from "./send-create";

const LIMIT_MS = 5 * 60_000;

export interface InPlaceOptions {
  endpoints: Endpoints<Listed, Values>;
  clock: Clock;
  /** Where credentials and address came from, for messages. */
  origin?: Origin;
  /** Organization that the configuration names beside an API key. null: none. */
  named: NamedOrganization | null;
}

/** The lifecycle of one type of resource, for the life of a connection. */
export function createInPlaceLifecycle(
  definition: InPlaceDefinition,
  { endpoints, clock, origin, named }: InPlaceOptions,
): InPlaceLifecycle {
  const { noun, table } = definition;
  /** IDs that this process has created, so that no two lost answers are explained by the same one. */
  const own = new Set<string>();

  async function run(
    doing: string,
    kept: Values | null,
    call: InPlaceCall,
    body: (deadline: Deadline) => Promise<Values | null>,
  ): Promise<InPlaceOutcome> {
    const deadline = new Deadline(clock, call.timeoutMs ?? LIMIT_MS, call.signal);
    call.log.debug(doing);
    try {
      return { record: await body(deadline) };
    } catch (error) {
      const failure = failureOf(doing, error, call, origin, definition);
      return {
        record: kept,
        error: failure.notice,
        failure,
        ...(failure.cause instanceof Interrupted ? { interrupted: true } : {}),
      };
    } finally {
      deadline.dispose();
    }
  }

  async function assertNamed(doing: string, deadline: Deadline, { log }: InPlaceCall): Promise<void> {
    const warning = await assertNamedOrganization(doing, named, deadline, origin);
    // Nothing else of these calls warns, so their outcomes have no place for it.
    if (warning !== null) log.debug(`${warning.summary}. ${warning.detail}`);
  }

  return {
    create: (planned, secrets, call) => {
      const doing = `creating ${noun} "${String(planned["name"])}"`;
      return run(doing, null, call, async (deadline) => {
        await assertNamed(doing, deadline, call);
        const dto = await sendCreate(
          { definition, endpoints, deadline, own, call },
          planned,
          bodyOf(table, planned, secrets, null),
        );
        own.add(dto.id);
        return observe(table, planned, dto);
      });
    },

    read: (record, call) =>
      run(`reading ${noun} "${String(record["name"])}"`, record, call, async (deadline) => {
        const dto = await deadline.read((signal) => endpoints.get(String(record["id"]), { signal }));
        return dto === null ? null : observe(table, record, dto);
      }),

    update: (prior, planned, secrets, call) => {
      const doing = `updating ${noun} "${String(prior["name"])}"`;
      return run(doing, prior, call, async (deadline) => {
        const { changed } = planInPlace(table, prior, planned);
        if (changed.length === 0) return planned;
        await assertNamed(doing, deadline, call);
        const id = String(prior["id"]);
        const dto = await deadline
          .change((signal) => endpoints.update(id, bodyOf(table, planned, secrets, changed), { signal }))
          .catch((error: unknown) => {
            throw error instanceof NotFoundError ? goneFailure(definition, prior, call) : error;
          });
        return observe(table, planned, dto);
      });
    },

    delete: (record, call) => {
      const doing = `deleting ${noun} "${String(record["name"])}"`;
      return run(doing, record, call, async (deadline) => {
        await assertNamed(doing, deadline, call);
        await deadline
          .change((signal) => endpoints.delete(String(record["id"]), { signal }))
          .catch((error: unknown) => {
            if (!(error instanceof NotFoundError)) throw error;
          });
        return null;
      });
    },

    import: (idOrName, call) => {
      const doing = `importing ${noun} "${idOrName}"`;
      return run(doing, null, call, async (deadline) => {
        await assertNamed(doing, deadline, call);
        const all = await deadline.read((signal) => endpoints.list({ signal }));
        return observe(table, null, chooseOne(definition, all, idOrName, doing, { several: "Import by UUID instead" }));
      });
    },

    list: (signal) => endpoints.list(signal ? { signal } : {}),
  };
}

function goneFailure({ noun }: InPlaceDefinition, prior: Values, { words, look }: InPlaceCall): Failure {
  const next = look === undefined ? `${capital(words.refreshAndRun)}, which recreates it.` : "Recreate it.";
  return new Failure(
    {
      summary: `updating ${noun} "${String(prior["name"])}": it no longer exists`,
      detail: `The ${noun} ${String(prior["id"])} was deleted in the meantime. ${next}`,
    },
    { code: "not-found", status: 404 },
  );
}

function failureOf(
  doing: string,
  error: unknown,
  { look = "A refresh shows the current state." }: InPlaceCall,
  origin: Origin | undefined,
  definition: InPlaceDefinition,
): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof ApiError) return failureOfApi(doing, error, origin, definition);
  if (error instanceof Interrupted)
    return new Failure(
      { summary: `${doing}: interrupted`, detail: `It is unknown whether the last request took effect. ${look}` },
      { cause: error },
    );
  if (error instanceof DeadlinePassed)
    return new Failure(
      { summary: `${doing}: timed out`, detail: `The API did not respond in time. ${look}` },
      { code: "deadline" },
    );
  throw error;
}
