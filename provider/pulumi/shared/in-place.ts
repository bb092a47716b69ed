import type { InPlaceCall, InPlaceLifecycle, InPlaceOutcome } from "../../lifecycle";
import { type InPlaceDefinition, observe, planInPlace, type Values } from "../../resources";
import { type Attribute, identifierOf } from "../../kit/attribute";
import { capital } from "../../kit/words";
import { hasUnknown } from "../../kit/unknown";
import { fromTool, toTool } from "../../tool/values";
import type { Applied, Found, PulumiCall } from "./apply";
import type { CheckAnswer } from "./check";
import type { PropertyChange } from "./diff";
import { accepted, checkInputs, MARKS, pulumiName, refreshedInputs } from "./properties";
import { Refused } from "./refused";
import type { Session } from "./session";
import { type Bag, compact, isInternal } from "./values";
import { textOf, toolWords } from "./words";

/** What Diff says of a resource that is never replaced. */
export interface InPlaceDifference {
  changes: boolean;
  /** Changes by property path. */
  detailed: Record<string, PropertyChange>;
  /** Properties that do not change. */
  stables: string[];
}

/** A resource that is changed in place, in Pulumi's terms. Its Pulumi ID is its UUID. */
export class InPlaceType {
  /** `daytona:index:Registry` */
  readonly token: string;
  /** `Registry` */
  readonly name: string;
  /** Property of the UUID: `registryId`. */
  readonly idProperty: string;
  /** Properties that are secret whatever the program says. */
  readonly secrets: readonly string[];
  readonly #inputs: readonly Attribute[];
  readonly #all: readonly Attribute[];

  constructor(readonly definition: InPlaceDefinition) {
    const { noun, table } = definition;
    this.name = capital(identifierOf(noun));
    this.token = `daytona:index:${this.name}`;
    this.#inputs = table.inputs.filter(({ only }) => only !== "terraform");
    this.#all = [...this.#inputs, ...table.outputs];
    this.idProperty = this.#spelled("id");
    this.secrets = this.#inputs.filter(({ sensitive }) => sensitive === true).map(pulumiName);
  }

  /** Names of all properties: every output of a class has to be declared. */
  get properties(): string[] {
    return this.#all.map(pulumiName);
  }

  /** Finds everything that is wrong without asking the API. */
  check(news: Bag): CheckAnswer {
    const { noun, table } = this.definition;
    const inputs = compact(news);
    const failures = checkInputs(inputs, {
      noun,
      table,
      inputs: this.#inputs,
      spelled: (name) => this.#spelled(name),
    });
    if (failures.length > 0) return { inputs, failures };
    const found = this.definition.validate(this.#written(inputs), "pulumi");
    return {
      inputs,
      failures: found.map(({ attribute, summary, detail }) => ({
        property: this.#spelled(String(attribute?.[0] ?? "")),
        reason: `${summary}: ${detail}`,
      })),
    };
  }

  /** @param olds outputs in the state @param oldInputs inputs in the state, where the engine tells them @param news checked inputs */
  diff(olds: Bag, oldInputs: Bag, news: Bag): InPlaceDifference {
    const prior = this.#prior(olds, oldInputs);
    const changed = this.#changed(olds, prior, news);
    const detailed = Object.fromEntries(
      changed.map((name): [string, PropertyChange] => {
        const [before, after] = [prior[name] ?? null, news[this.#spelled(name)] ?? null];
        return [
          this.#spelled(name),
          { kind: before === null ? "add" : after === null ? "delete" : "update", replace: false },
        ];
      }),
    );
    const stables = this.properties.filter((name) => olds[name] !== undefined && detailed[name] === undefined);
    return { changes: changed.length > 0, detailed, stables };
  }

  /** @throws Refused if nothing was created */
  async create(session: Session, request: { news: Bag; preview: boolean }, call: PulumiCall): Promise<Applied> {
    const { planned } = planInPlace(this.definition.table, null, this.#written(request.news));
    const doing = `creating ${this.#label(request.news)}`;
    session.needsCredentials(doing);
    if (request.preview) return { id: "", outputs: this.#outputs(planned), warnings: [] };
    return this.#applied(await this.#lifecycle(session, doing).create(planned, {}, this.#context(call)));
  }

  /** @throws Refused if nothing changed */
  async update(
    session: Session,
    request: { olds: Bag; oldInputs: Bag; news: Bag; preview: boolean },
    call: PulumiCall,
  ): Promise<Applied> {
    const prior = this.#prior(request.olds, request.oldInputs);
    const { planned } = planInPlace(this.definition.table, prior, this.#written(request.news));
    const doing = `updating ${this.#label(request.olds)}`;
    session.needsCredentials(doing);
    if (request.preview) return { id: String(prior["id"]), outputs: this.#outputs(planned), warnings: [] };
    return this.#applied(await this.#lifecycle(session, doing).update(prior, planned, {}, this.#context(call)));
  }

  /** A refresh. Null: it is gone. @throws Refused if it could not be read */
  async read(session: Session, request: { outputs: Bag; inputs: Bag }, call: PulumiCall): Promise<Found | null> {
    const before = this.#prior(request.outputs, {});
    const outcome = await this.#lifecycle(session, `reading ${this.#label(request.outputs)}`).read(
      before,
      this.#context(call),
    );
    if (outcome.error !== undefined) throw new Refused(textOf(outcome.error));
    if (outcome.record === null) return null;
    const [was, now] = [this.#outputs(before), this.#outputs(outcome.record)];
    const inputs = refreshedInputs(request.inputs, was, now);
    const internal = Object.fromEntries(Object.entries(request.outputs).filter(([name]) => isInternal(name)));
    return { id: String(outcome.record["id"]), outputs: { ...now, ...internal }, inputs, warnings: [] };
  }

  /** An import, or a reference: by UUID, or by a name that only one has. @throws Refused if there is none */
  async find(session: Session, idOrName: string, call: PulumiCall): Promise<Found> {
    const outcome = await this.#lifecycle(session, `importing ${this.definition.noun} "${idOrName}"`).import(
      idOrName,
      this.#context(call),
    );
    if (outcome.record === null) throw new Refused(outcome.error ? textOf(outcome.error) : `${idOrName} was not found`);
    const inputs = compact(toTool(this.#inputs, outcome.record, pulumiName));
    return {
      id: String(outcome.record["id"]),
      outputs: { ...this.#outputs(outcome.record), [MARKS]: ["imported"] },
      inputs,
      warnings: [],
    };
  }

  /** Whether there is one with this UUID or name. @throws Refused if the API cannot tell */
  async exists(session: Session, idOrName: string, call: PulumiCall): Promise<boolean> {
    const doing = `Looking for ${this.definition.noun} "${idOrName}"`;
    const all = await this.#lifecycle(session, doing).list(call.signal).catch(session.refuse(doing));
    return all.some(({ id, name }) => id === idOrName || name === idOrName);
  }

  /** @throws Refused if it still exists */
  async remove(session: Session, olds: Bag, call: PulumiCall): Promise<void> {
    const outcome = await this.#lifecycle(session, `deleting ${this.#label(olds)}`).delete(
      this.#prior(olds, {}),
      this.#context(call),
    );
    if (outcome.error !== undefined) throw new Refused(textOf(outcome.error));
  }

  /** The function that lists them, by the names of its table. @throws Refused */
  async list(session: Session, signal: AbortSignal): Promise<Bag> {
    const { plural, table } = this.definition;
    const doing = `listing ${plural}`;
    const all = await this.#lifecycle(session, doing).list(signal).catch(session.refuse(doing));
    return {
      [identifierOf(plural)]: all.map((dto) => observe(table, null, dto)) as Bag[],
      ids: all.map(({ id }) => String(id)),
    };
  }

  #lifecycle(session: Session, doing: string): InPlaceLifecycle {
    return session.connected(doing).inPlace(this.definition);
  }

  #label(bag: Bag): string {
    return `${this.definition.noun} "${String(bag["name"])}"`;
  }

  #spelled(name: string): string {
    const attribute = this.#all.find((candidate) => candidate.name === name);
    return attribute === undefined ? name : pulumiName(attribute);
  }

  #written(values: Bag): Values {
    return fromTool(this.#inputs, values, pulumiName, accepted);
  }

  /** The values in the state. Of an import, the outputs have no secrets: what the state has as input is the present one. */
  #prior(olds: Bag, oldInputs: Bag): Values {
    const secret = Object.fromEntries(this.secrets.map((name) => [name, olds[name] ?? oldInputs[name] ?? null]));
    return fromTool(this.#all, { ...olds, ...secret } as Bag, pulumiName, (attribute, value) =>
      hasUnknown(value) ? null : accepted(attribute, value),
    );
  }

  /** What the next Update would change. A secret that an import could not read is taken over from the program: an import must not differ. */
  #changed(olds: Bag, prior: Values, news: Bag): string[] {
    const imported = Array.isArray(olds[MARKS]) && olds[MARKS].includes("imported");
    return planInPlace(this.definition.table, prior, this.#written(news)).changed.filter(
      (name) => !(imported && this.secrets.includes(this.#spelled(name)) && prior[name] === null),
    );
  }

  #outputs(values: Values): Bag {
    return compact(toTool(this.#all, values, pulumiName));
  }

  #applied({ record, error }: InPlaceOutcome): Applied {
    if (error !== undefined || record === null)
      throw new Refused(error ? textOf(error) : `the ${this.definition.noun} no longer exists`);
    return { id: String(record["id"]), outputs: this.#outputs(record), warnings: [] };
  }

  #context({ signal, log, timeoutMs, logicalName, kind }: PulumiCall): InPlaceCall {
    const importCommand = (id: string): string | null =>
      kind === "native" ? `pulumi import ${this.token} ${logicalName ?? "NAME"} ${id}` : null;
    return {
      signal,
      log,
      words: { ...toolWords(logicalName, kind), importCommand },
      ...(timeoutMs ? { timeoutMs } : {}),
    };
  }
}
