import { type Bag, fromPlain, type InPlaceType, type PulumiCall, type Session, toPlain } from "../shared";
import type { ConfigureRequest, DynamicProvider, Properties } from "./provider";

/**
 * The calls of the host about a resource that is changed in place. Its connection is the snapshots' own. Never rename them: the shims in the
 * states call them.
 */
export class DynamicInPlace {
  constructor(
    private readonly type: InPlaceType,
    private readonly provider: DynamicProvider,
  ) {}

  configure(request: ConfigureRequest): Promise<void> {
    return this.provider.configure(request);
  }

  async check(
    _olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const bag = fromPlain(news);
    const { inputs, failures } = this.type.check(bag);
    const redactor = this.provider.redactor(bag, this.type.secrets);
    // Nothing works without a connection. Reported here, it is one sentence beside the resource.
    const problem = await this.provider.problem(`checking ${this.type.definition.noun} "${String(bag["name"])}"`);
    const all = problem === null ? failures : [...failures, { property: "", reason: problem }];
    return {
      inputs: toPlain(inputs),
      failures: all.map(({ property, reason }) => ({ property, reason: redactor.text(reason) })),
    };
  }

  diff(
    _id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: boolean; replaces: string[]; deleteBeforeReplace: boolean; stables: string[] }> {
    const { changes, stables } = this.type.diff(fromPlain(olds), {}, fromPlain(news));
    return Promise.resolve({ changes, replaces: [], deleteBeforeReplace: false, stables });
  }

  async create(inputs: Properties): Promise<{ id: string; outs: Properties }> {
    const news = fromPlain(inputs);
    return this.#call("Creating", news, news, async (session, call) => {
      const done = await this.type.create(session, { news, preview: false }, call);
      return { id: done.id, outs: toPlain(done.outputs) };
    });
  }

  async update(_id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }> {
    const [before, after] = [fromPlain(olds), fromPlain(news)];
    return this.#call("Updating", before, { ...before, ...after }, async (session, call) => {
      const done = await this.type.update(session, { olds: before, oldInputs: {}, news: after, preview: false }, call);
      return { outs: toPlain(done.outputs) };
    });
  }

  /** A refresh, or a reference. No ID in the answer: it is gone. */
  async read(id: string, props: Properties): Promise<{ id?: string; props?: Properties }> {
    const before = fromPlain(props);
    return this.#call("Reading", { name: id, ...before }, before, async (session, call) => {
      // Every state has the UUID.
      const found =
        typeof before[this.type.idProperty] === "string"
          ? await this.type.read(session, { outputs: before, inputs: {} }, call)
          : await this.type.find(session, id, call);
      return found === null
        ? {}
        : {
            id: found.id,
            props: toPlain({
              ...found.outputs,
              ...(before["__provider"] === undefined ? {} : { __provider: before["__provider"] }),
            }),
          };
    });
  }

  async delete(id: string, props: Properties): Promise<void> {
    const before = fromPlain(props);
    return this.#call("Deleting", before, before, (session, call) =>
      this.type.remove(session, { ...before, [this.type.idProperty]: before[this.type.idProperty] ?? id }, call),
    );
  }

  #call<T>(
    doing: string,
    { name }: Bag,
    known: Bag,
    body: (session: Session, call: PulumiCall) => Promise<T>,
  ): Promise<T> {
    return this.provider.call(
      `${doing} ${this.type.definition.noun} "${String(name)}"`,
      known,
      body,
      this.type.secrets,
    );
  }
}
