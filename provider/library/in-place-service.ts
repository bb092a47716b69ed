import type { Connected, InPlaceCall, InPlaceOutcome } from "../lifecycle";
import { Failure } from "../lifecycle";
import {
  chooseOne,
  type InPlaceDefinition,
  type Listed,
  planChange,
  planInPlace,
  secretsOf,
  type Values,
  withoutSecrets,
} from "../resources";
import type { Notice } from "../kit/notice";
import { Redactor } from "../tool/redactor";
import { asking, type ConnectionOptions, limitMs, openConnection } from "./connection";
import { AbortError, DaytonaError, errorOf, InvalidArgumentError, textOf } from "./errors";
import { libraryWords } from "./words";

export interface ChangeOptions {
  /** Aborts the call within 2 seconds. The message of the `AbortError` says what is known then. */
  signal?: AbortSignal;
  /** Time limit for the whole call, in seconds. 0 means no limit. Default: 0. */
  timeout?: number;
}

/** Identifies an existing item: its UUID, its name if no other item has the same, or an object with its UUID. */
export type Which = { readonly id: string } | string;

/** The methods of every resource that is changed in place. Every error is a `DaytonaError`, and never contains a secret. */
export abstract class InPlaceService<Item, Create extends { name: string }, Update> {
  readonly #connected: Connected;
  readonly #definition: InPlaceDefinition;

  /** @throws InvalidArgumentError if there are no credentials */
  constructor(definition: InPlaceDefinition, options: ConnectionOptions) {
    this.#definition = definition;
    this.#connected = openConnection(options);
  }

  /** Returns all items of the organization, newest first. @throws DaytonaError */
  async list(): Promise<Item[]> {
    return (await this.#all(`listing ${this.#definition.plural}`)).map((dto) => this.#shown(dto));
  }

  /** Returns one item by UUID or by a unique name. @throws NotFoundError, and DaytonaError if several items have the name */
  async get(which: Which): Promise<Item> {
    return this.#shown(await this.#find(which, "reading"));
  }

  /** Creates an item. Several items can have the same name. @throws InvalidArgumentError, PermissionError, TimeoutError, AbortError */
  async create(params: Create, options: ChangeOptions = {}): Promise<Item> {
    const { noun, table } = this.#definition;
    const doing = `creating ${noun} "${params.name}"`;
    const written = this.inputsOf(params);
    this.#refuse(doing, this.#definition.validate(written, "pulumi"));
    const outcome = await this.#connected
      .inPlace(this.#definition)
      .create(planInPlace(table, null, written).planned, {}, this.#call(options));
    const record = this.#succeeded(outcome, written);
    return this.#shown(await this.#find({ id: String(record?.["id"]) }, "reading"));
  }

  /** Changes the given values, and keeps the others. @throws NotFoundError, InvalidArgumentError, PermissionError, TimeoutError, AbortError */
  async update(which: Which, params: Update, options: ChangeOptions = {}): Promise<Item> {
    const dto = await this.#find(which, "updating", options.signal);
    const given = Object.fromEntries(Object.entries(this.inputsOf(params)).filter(([, value]) => value !== undefined));
    const { prior, plan, notices } = planChange(this.#definition, dto, given, "pulumi");
    this.#refuse(`updating ${this.#definition.noun} "${dto.name}"`, notices);
    if (plan.action === "none") return this.#shown(dto);
    this.#succeeded(
      await this.#connected.inPlace(this.#definition).update(prior, plan.planned, {}, this.#call(options)),
      given,
    );
    // The answer to an update lacks what was not sent.
    return this.#shown(await this.#find(dto, "reading"));
  }

  /** Deletes an item. @throws NotFoundError, PermissionError, TimeoutError, AbortError */
  async delete(which: Which, options: ChangeOptions = {}): Promise<void> {
    const dto = await this.#find(which, "deleting", options.signal);
    this.#succeeded(await this.#connected.inPlace(this.#definition).delete(dto, this.#call(options)), {});
  }

  /** Closes the connections. Without this call, an open socket keeps the process alive for a few seconds. */
  close(): void {
    this.#connected.close();
  }

  /** The inputs that parameters write, by the names of the table; undefined: not given. */
  protected abstract inputsOf(params: Create | Update): Values;

  /** Converts an answer of the API into the object that programs receive. */
  protected abstract itemOf(dto: Listed): Item;

  #shown(dto: Listed): Item {
    return this.itemOf(withoutSecrets(this.#definition.table, dto));
  }

  async #find(which: Which, verb: string, signal?: AbortSignal): Promise<Listed> {
    const idOrName = typeof which === "string" ? which : which.id;
    const doing = `${verb} ${this.#definition.noun} "${idOrName}"`;
    const all = await this.#all(doing, signal);
    try {
      return chooseOne(this.#definition, all, idOrName, doing, { several: "Use the UUID instead" });
    } catch (error) {
      throw error instanceof Failure ? errorOf(textOf(error.notice), error) : error;
    }
  }

  async #all(doing: string, signal?: AbortSignal): Promise<Listed[]> {
    try {
      return await asking(this.#connected, doing, () => this.#connected.inPlace(this.#definition).list(signal));
    } catch (error) {
      if (!(error instanceof DaytonaError) && signal?.aborted === true)
        throw new AbortError(`${doing}: interrupted\nNothing was changed.`);
      throw error;
    }
  }

  #refuse(doing: string, [first]: readonly Notice[]): void {
    if (first !== undefined) throw new InvalidArgumentError(`${doing}: ${textOf(first)}`);
  }

  #call({ signal, timeout = 0 }: ChangeOptions): InPlaceCall {
    return {
      signal: signal ?? new AbortController().signal,
      words: libraryWords,
      look: "Call `list` to see the existing ones.",
      timeoutMs: limitMs(timeout),
      log: { debug: () => undefined },
    };
  }

  /** @param given inputs of the call, whose secrets an answer of the API could repeat @throws DaytonaError */
  #succeeded({ record, failure, interrupted }: InPlaceOutcome, given: Values): Values | null {
    if (failure === undefined) return record;
    const redactor = new Redactor(
      secretsOf(this.#definition.table).map(({ name }) => given[name] as string | undefined),
    );
    const message = redactor.text(textOf(failure.notice));
    throw interrupted === true ? new AbortError(message) : errorOf(message, failure, (text) => redactor.hide(text));
  }
}
