import type { InPlaceCall, InPlaceOutcome } from "../../lifecycle";
import {
  chooseOne,
  commonInputs,
  type InPlaceDefinition,
  type Listed,
  planChange,
  planInPlace,
  secretsOf,
  summaryOf,
  type Values,
} from "../../resources";
import { snakeCase } from "../../kit/attribute";
import type { Notice } from "../../kit/notice";
import { capital } from "../../kit/words";
import { UNKNOWN } from "../../kit/unknown";
import { exitCodes } from "../io";
import { confirmDeletion, each } from "../many";
import { refuseEmptyNames, type Session, usage, usageOf } from "../session";
import { givenBy, type InPlaceFlags, optionsOf, secretOptionsOf } from "./flags";
import { readSecrets } from "./secrets";
import { adviceOf, lookAt, printFound, printFoundOne, readAll } from "./show";

export interface DeleteFlags extends InPlaceFlags {
  yes?: boolean;
}

/** `daytona-iac registry create`. */
export async function createOne(
  session: Session,
  definition: InPlaceDefinition,
  name: string,
  flags: InPlaceFlags,
): Promise<number> {
  const { noun, table } = definition;
  const context = callOf(session, definition);
  const written: Values = {
    ...Object.fromEntries(commonInputs(table).map((input) => [input.name, null])),
    ...givenBy(table, flags),
    name,
  };
  const problemsOf = (secrets: Values): Notice[] =>
    definition.validate({ ...written, ...unknownSecrets(definition), ...secrets }, "cli");
  // Nobody is asked for a password that cannot be used.
  refuse(problemsOf({}));
  const secrets = await readSecrets(session, definition, flags, `${noun} "${name}"`, problemsOf);
  refuse(problemsOf(secrets));
  show(session, `creating ${noun} "${name}"`);
  const record = succeeded(
    session,
    await session.connection
      .inPlace(definition)
      .create(planInPlace(table, null, { ...written, ...secrets }).planned, {}, context),
  );
  const id = String(record?.["id"]);
  if (session.format === "table") session.say(`${capital(noun)} "${name}" was created.\nID: ${id}\n`);
  else await printOne(session, definition, id, `creating ${noun} "${name}"`);
  return exitCodes.ok;
}

/** `daytona-iac registry update`: what is not given stays. */
export async function updateOne(
  session: Session,
  definition: InPlaceDefinition,
  idOrName: string,
  flags: InPlaceFlags,
): Promise<number> {
  const { noun, table } = definition;
  const context = callOf(session, definition);
  const doing = `updating ${noun} "${idOrName}"`;
  const values = givenBy(table, flags);
  const given = { ...values, ...(await readSecrets(session, definition, flags, `${noun} "${idOrName}"`, () => [])) };
  if (Object.keys(given).length === 0)
    throw usage(
      `${doing}: nothing to change`,
      `Set at least one of ${[...optionsOf(table, "update"), ...secretOptionsOf(table)].map(({ long }) => long).join(", ")}.`,
    );
  const dto = chooseOne(definition, await readAll(session, definition), idOrName, doing, adviceOf(definition));
  const { prior, plan, notices } = planChange(definition, dto, given, "cli");
  refuse(notices);
  if (plan.action !== "none") {
    show(session, doing);
    succeeded(session, await session.connection.inPlace(definition).update(prior, plan.planned, {}, context));
  }
  const changed = plan.changed.map((name) => snakeCase(name).replaceAll("_", " ")).join(", ");
  if (session.format !== "table") await printOne(session, definition, dto.id, doing);
  else
    session.say(
      plan.action === "none"
        ? `${capital(noun)} "${dto.name}" already has these values. Nothing was changed.\n`
        : `${capital(noun)} "${dto.name}" was updated: ${changed}.\n`,
    );
  return exitCodes.ok;
}

/** `daytona-iac registry delete`. Goes on after a failure. Objects are printed as one array, of those that were deleted. */
export async function deleteAll(
  session: Session,
  definition: InPlaceDefinition,
  idsOrNames: readonly string[],
  flags: DeleteFlags,
): Promise<number> {
  refuseEmptyNames(idsOrNames);
  const { noun } = definition;
  const all = await readAll(session, definition);
  const looked = await each(session, idsOrNames, String, (one) =>
    Promise.resolve().then(() => chooseOne(definition, all, one, `deleting ${noun} "${one}"`, adviceOf(definition))),
  );
  const chosen = [...new Set(looked.results)];
  let { code } = looked;
  let deleted: readonly Listed[] = [];
  if (chosen.length > 0) {
    if (flags.yes !== true && !(await confirmed(session, definition, chosen))) code = exitCodes.error;
    else {
      const done = await each(
        session,
        chosen,
        ({ name }) => String(name),
        async (dto, part) => {
          show(part, `deleting ${noun} "${dto.name}"`);
          succeeded(part, await part.connection.inPlace(definition).delete(dto, callOf(part, definition)));
          if (part.format === "table") part.say(`${capital(noun)} "${dto.name}" was deleted.\n`);
          return dto;
        },
      );
      deleted = done.results;
      code = Math.max(code, done.code);
    }
  }
  printFound(session, definition, deleted);
  return code;
}

function confirmed({ io }: Session, definition: InPlaceDefinition, chosen: readonly Listed[]): Promise<boolean> {
  const { noun, plural } = definition;
  return confirmDeletion(
    io,
    [noun, plural],
    chosen.map((dto) => `${dto.name} (${summaryOf(definition, dto)}) ${dto.id}`),
  );
}

/** @throws Stop for a time that is none */
function callOf(session: Session, definition: InPlaceDefinition): InPlaceCall {
  return { ...session.context(), look: lookAt(definition) };
}

/** @throws Stop for wrong usage, which says everything that is wrong */
function refuse([first, ...others]: readonly Notice[]): void {
  if (first !== undefined) throw usageOf([first, ...others]);
}

/** One request has no states to tell of, so only a terminal shows that it goes on. */
function show({ reporter }: Session, doing: string): void {
  if (reporter.draws) reporter.progress(doing);
}

/** @throws Failure */
function succeeded({ reporter }: Session, { record, failure }: InPlaceOutcome): Values | null {
  reporter.stop();
  if (failure !== undefined) throw failure;
  return record;
}

/** As the API has it now: the answer to a change lacks what was not sent. */
async function printOne(session: Session, definition: InPlaceDefinition, id: string, doing: string): Promise<void> {
  printFoundOne(
    session,
    definition,
    chooseOne(definition, await readAll(session, definition), id, doing, adviceOf(definition)),
  );
}

function unknownSecrets({ table }: InPlaceDefinition): Values {
  return Object.fromEntries(secretsOf(table).map(({ name }) => [name, UNKNOWN]));
}
