import type { InPlaceCall, InPlaceLifecycle, InPlaceOutcome } from "../../lifecycle";
import { type InPlaceDefinition, planInPlace, type Values } from "../../resources";
import { identifierOf, snakeCase } from "../../kit/attribute";
import { capital } from "../../kit/words";
import { knownValues } from "../../tool/values";
import { NoticeError } from "../ports";
import { fromRaw, fromTable, objectToTerraform } from "../resource/convert";
import { diagnostic, diagnostics, thrown } from "../resource/diagnostics";
import { readOnlyDiagnostics } from "../resource/read-only";
import { broken } from "../resource/same";
import type { Session } from "../session";
import type { TfCall, TfDiagnostic, TfIdentityAttribute, TfObject, TfResource, TfSchema } from "../types";
import { toolWords } from "../words";

/** Serves a resource that is changed in place: `daytona_<noun>`. */
export function inPlaceResource(session: Session, schema: TfSchema, definition: InPlaceDefinition): TfResource {
  const { noun, table } = definition;
  const typeName = `daytona_${snakeCase(identifierOf(noun))}`;
  const attributes = [...table.inputs, ...table.outputs];
  const written = (config: TfObject): Values => fromTable(table.inputs, config);
  const planned = (values: TfObject): Values => fromTable(attributes, values);
  const recorded = (state: TfObject): Values => knownValues(fromTable(attributes, state));
  const toState = (record: Values): TfObject => objectToTerraform(attributes, record);
  const lifecycle = (doing: string): InPlaceLifecycle => session.connected(doing).inPlace(definition);
  const failed = (error: unknown): TfDiagnostic[] => [thrown(error, attributes)];
  const told = ({ error }: InPlaceOutcome): TfDiagnostic[] =>
    error === undefined ? [] : [diagnostic("error", error, attributes)];

  async function read(args: Parameters<TfResource["read"]>[0], call: TfCall): ReturnType<TfResource["read"]> {
    const outcome = await lifecycle(`Reading ${noun} "${nameOf(args.state)}"`).read(
      recorded(args.state),
      contextOf(call),
    );
    if (outcome.error !== undefined) return { ...args, diagnostics: told(outcome) };
    if (outcome.record === null)
      return {
        state: null,
        private: args.private,
        identity: args.identity,
        diagnostics: [goneWarning(noun, args.state)],
      };
    const state = toState(outcome.record);
    return { state, private: args.private, identity: identityOf(state), diagnostics: [] };
  }

  async function apply(args: Parameters<TfResource["apply"]>[0], call: TfCall): ReturnType<TfResource["apply"]> {
    if (args.planned === null) {
      if (args.prior === null) return { state: null, private: {}, identity: null, diagnostics: [] };
      return answerOf(
        args,
        await lifecycle(`Deleting ${noun} "${nameOf(args.prior)}"`).delete(recorded(args.prior), contextOf(call)),
      );
    }
    const plan = planned(args.planned);
    const secrets = Object.fromEntries(
      table.inputs
        .filter(({ writeOnly }) => writeOnly === true)
        .map(({ name }) => [name, args.config?.[snakeCase(name)] ?? null]),
    );
    if (args.prior === null)
      return answerOf(
        args,
        await lifecycle(`Creating ${noun} "${nameOf(args.planned)}"`).create(plan, secrets, contextOf(call)),
      );
    return answerOf(
      args,
      await lifecycle(`Updating ${noun} "${nameOf(args.prior)}"`).update(
        recorded(args.prior),
        plan,
        secrets,
        contextOf(call),
      ),
    );
  }

  function answerOf(
    args: Parameters<TfResource["apply"]>[0],
    outcome: InPlaceOutcome,
  ): Awaited<ReturnType<TfResource["apply"]>> {
    const found = told(outcome);
    if (outcome.record === null) return { state: null, private: {}, identity: null, diagnostics: found };
    const state = toState(outcome.record);
    if (outcome.error === undefined && args.planned !== null) found.push(...unlike(noun, args.planned, state));
    return { state, private: args.private, identity: identityOf(state), diagnostics: found };
  }

  async function importOne(
    args: { id: string | null; identity: TfObject | null },
    call: TfCall,
  ): ReturnType<TfResource["import"]> {
    const asked = args.id ?? String(args.identity?.["id"] ?? "");
    if (asked.trim() === "")
      throw new NoticeError({
        summary: `Missing ${noun} to import`,
        detail: `Import a ${noun} by its UUID, or by a unique name: \`terraform import ${typeName}.example UUID\`.`,
      });
    const outcome = await lifecycle(`Importing ${noun} "${asked}"`).import(asked, contextOf(call));
    if (outcome.record === null) return { imported: [], diagnostics: told(outcome) };
    const state = toState(outcome.record);
    return { imported: [{ state, private: {}, identity: identityOf(state) }], diagnostics: told(outcome) };
  }

  return {
    typeName,
    schema,
    identity: { version: 0, attributes: identityAttributes(noun) },
    validate: (config) =>
      Promise.resolve([
        ...readOnlyDiagnostics(table, config),
        ...diagnostics("error", definition.validate(written(config), "terraform"), attributes),
      ]),
    upgrade: (_version, raw) => Promise.resolve({ state: fromRaw(attributes, raw), diagnostics: [] }),
    read: (args, call) => read(args, call).catch((error: unknown) => ({ ...args, diagnostics: failed(error) })),
    plan: (args) => {
      const absent =
        args.prior === null ? session.withoutCredentials(`Planning ${noun} "${nameOf(args.config)}"`) : null;
      const plan = planInPlace(table, args.prior === null ? null : recorded(args.prior), written(args.config));
      return Promise.resolve({
        planned: toState(plan.planned),
        requiresReplace: [],
        private: args.private,
        identity: args.identity,
        diagnostics: absent === null ? [] : [diagnostic("error", absent, attributes)],
      });
    },
    apply: (args, call) =>
      apply(args, call).catch((error: unknown) => ({
        state: args.prior,
        private: args.private,
        identity: args.identity,
        diagnostics: failed(error),
      })),
    generate: (state) => Promise.resolve(generatedInPlace(definition, state)),
    import: (args, call) =>
      importOne(args, call).catch((error: unknown) => ({ imported: [], diagnostics: failed(error) })),
  };
}

/** The configuration of an import: what the API returned. A secret has to be added by hand. */
function generatedInPlace(definition: InPlaceDefinition, state: TfObject): Awaited<ReturnType<Generate>> {
  const config: TfObject = Object.fromEntries(
    definition.table.inputs
      .filter(({ read, none, name }) => read !== undefined && state[snakeCase(name)] !== none)
      .map(({ name }) => [snakeCase(name), state[snakeCase(name)] ?? null]),
  );
  return { config, diagnostics: missingSecret(definition, nameOf(state)) };
}

/** What the configuration of an import cannot say. */
export function missingSecret({ noun, table }: InPlaceDefinition, name: string): TfDiagnostic[] {
  const secrets = table.inputs.filter(({ sensitive }) => sensitive === true).map((row) => `\`${snakeCase(row.name)}\``);
  if (secrets.length === 0) return [];
  return [
    {
      severity: "warning",
      summary: `The configuration of a ${noun} needs a secret`,
      detail: `${capital(noun)} "${name}": the API never returns ${secrets.join(" or ")}. Set one of them in the configuration. The next apply sends it.`,
    },
  ];
}

type Generate = NonNullable<TfResource["generate"]>;

function contextOf(call: TfCall): InPlaceCall {
  return { signal: call.signal, log: { debug: (message) => call.log("debug", message) }, words: toolWords() };
}

function nameOf(values: TfObject): string {
  return String(values["name"] ?? values["id"]);
}

/** Names are not unique, so the UUID is the identity. */
function identityAttributes(noun: string): TfIdentityAttribute[] {
  return [{ name: "id", type: "string", description: `UUID of the ${noun}.`, requiredForImport: true }];
}

function identityOf({ id }: TfObject): TfObject | null {
  return typeof id === "string" ? { id } : null;
}

/** Terraform does not say why it plans to create it again. */
function goneWarning(noun: string, state: TfObject): TfDiagnostic {
  return {
    severity: "warning",
    summary: `${capital(noun)} "${nameOf(state)}" no longer exists`,
    detail: `${capital(noun)} ${String(state["id"])} was deleted outside of Terraform. This apply, or the next one, recreates it.`,
  };
}

/** The API may keep something else than it was sent. Without an error of ours, Terraform would call that a bug of the provider. */
function unlike(noun: string, planned: TfObject, state: TfObject): TfDiagnostic[] {
  const wrong = broken(planned, state);
  if (wrong.length === 0) return [];
  return [
    {
      severity: "error",
      summary: `${capital(noun)} "${nameOf(state)}" differs from the plan`,
      detail: `The API returned values that differ from those that were sent: ${wrong.join(", ")}.\n\nThe ${noun} exists and is saved in the state. Use the values that the API returned.`,
      ...(wrong.length === 1 ? { path: [wrong[0] as string] } : {}),
    },
  ];
}
