import {
  type Applied,
  type Bag,
  Calls,
  EXTERNAL,
  type Found,
  type PulumiCall,
  type Redactor,
  Session,
  Siblings,
  check,
  configNames,
  create,
  diff,
  fromPlain,
  get,
  learn,
  nameFailure,
  read,
  redactorOf,
  remove,
  secretConfigNames,
  toPlain,
  update,
} from "../shared";
import type { Display } from "./display";
import { callFailure, partlyDone } from "./failure";
import { AUTO_NAME, SECRETS } from "./hidden";

/** Properties from the host: secrets are decrypted, unknown values are the engine's marker strings. */
export type Properties = Record<string, unknown>;

export interface DynamicOptions {
  env: Record<string, string | undefined>;
  version: string;
  display: Display;
  /** The engine's address; null: there is none. */
  engine?: string | null;
}

/** What the host passes to `configure`: the stack configuration. */
export interface ConfigureRequest {
  config: { get(key: string): unknown };
}

/**
 * The calls of the dynamic provider. The host tells no URN: among the resources that a program has, one is known by the name of its snapshot
 * (`keepers`), also in states that earlier releases wrote. Never rename them: the shims in the states of every release call them. */
export class DynamicProvider {
  /** Aborted when the engine has ended. The host passes no cancellation on: after Ctrl-C, the engine waits for the calls in progress. */
  readonly calls = new Calls();
  #session: Promise<Session> | null = null;
  #secretConfig: Bag = {};
  readonly #warned = new Set<string>();

  constructor(private readonly options: DynamicOptions) {}

  /** Never fails: the host ignores a failure, so later calls report it. The host does not wait for this call either. */
  async configure(request: ConfigureRequest): Promise<void> {
    this.#session ??= this.#open(
      Object.fromEntries(configNames.map((name) => [name, request.config.get(`daytona:${name}`) ?? null])),
    );
    await this.#session.catch(() => undefined);
  }

  async check(
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const { [AUTO_NAME]: proposed, [SECRETS]: listed, ...bag } = fromPlain(news);
    const secrets = new Set(strings(listed));
    const before = fromPlain(olds);
    const answer = check({
      olds: Object.keys(before).length === 0 ? null : before,
      news: bag,
      naming: { logicalName: "", proposedName: typeof proposed === "string" ? proposed : undefined, mode: "enforce" },
      secrets,
    });
    const session = await this.connection().catch(() => null);
    const { name } = answer.inputs;
    if (session !== null && typeof name === "string") {
      // The automatic name is made of what the URN has, except for parents.
      const taken =
        typeof proposed === "string" ? nameFailure(session, name, proposed.replace(/-[0-9a-f]{7}$/, "")) : [];
      answer.failures.push(...taken);
      if (taken.length === 0) session.keepers.checked(name, Object.keys(before).length === 0);
    }
    const redactor = this.redactor(bag, secrets);
    const failures = answer.failures.map(({ property, reason }) => ({ property, reason: redactor.text(reason) }));
    // Nothing works without a connection. Reported here, it is one sentence beside the resource.
    const problem = await this.problem(`checking snapshot "${String(name)}"`);
    if (problem !== null) failures.push({ property: "", reason: redactor.text(problem) });
    return {
      inputs: toPlain(secrets.size > 0 ? { ...answer.inputs, [SECRETS]: [...secrets] } : answer.inputs),
      failures,
    };
  }

  async diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: boolean; replaces: string[]; deleteBeforeReplace: boolean; stables: string[] }> {
    return this.call(`comparing snapshot "${id}"`, fromPlain(news), async (session, { signal, log }, redactor) => {
      const before = fromPlain(olds);
      const bag = fromPlain(news);
      const found = await diff({
        id,
        olds: before,
        news: bag,
        region: session.region,
        sources: session.sources,
        seen: session.seen,
        images: session.images,
        sandboxes: session.sandboxes,
        digests: session.digests,
        owner: String(bag["name"]),
        signal,
        log,
        nameStays: true,
      });
      session.keepers.compared(String(bag["name"]), before["snapshotId"], found.replaces.length > 0);
      const warnings = found.warnings.map(({ summary, detail }) =>
        [summary, detail].filter((text) => text !== "").join("\n"),
      );
      this.#warn(
        [...(found.changedFiles === null ? [] : [found.changedFiles]), ...warnings],
        learn(redactor, before, strings(before[SECRETS])),
      );
      const { changes, replaces, deleteBeforeReplace, stables } = found;
      return { changes, replaces, deleteBeforeReplace, stables };
    });
  }

  async create(inputs: Properties): Promise<{ id: string; outs: Properties }> {
    const news = fromPlain(inputs);
    return this.call(`creating snapshot "${String(news["name"])}"`, news, async (session, call, redactor) => {
      const done = await create(session, { news, preview: false }, { ...call, owner: String(news["name"]) });
      session.keepers.created(done.id, done.outputs["snapshotId"]);
      return { id: done.id, outs: this.#kept(done, news, redactor) };
    });
  }

  async update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }> {
    const bag = fromPlain(news);
    return this.call(`updating snapshot "${id}"`, bag, async (session, call, redactor) => {
      const before = fromPlain(olds);
      learn(redactor, before, strings(before[SECRETS]));
      const done = await update(session, { id, olds: before, news: bag, preview: false }, { ...call, owner: id });
      session.keepers.holds(done.id, done.outputs["snapshotId"]);
      return { outs: this.#kept(done, bag, redactor) };
    });
  }

  /** A refresh, or `Snapshot.get`. No ID in the answer: the snapshot is gone. */
  async read(id: string, props: Properties): Promise<{ id?: string; props?: Properties }> {
    const before = fromPlain(props);
    return this.call(`reading snapshot "${id}"`, before, async (session, call, redactor) => {
      // A managed snapshot has its UUID in the state; one that the stack only refers to is always found by name.
      if (typeof before["snapshotId"] !== "string" || before[EXTERNAL] === true) {
        return this.#found(await get(session, id, call), before, redactor);
      }
      const { found, warnings } = await read(session, { id, outputs: before, inputs: {} }, call);
      if (found !== null) {
        session.keepers.found(found.outputs["snapshotId"]);
        return this.#found(found, before, redactor);
      }
      this.#warn(warnings, redactor);
      return {};
    });
  }

  async delete(id: string, props: Properties): Promise<void> {
    const before = fromPlain(props);
    return this.call(`deleting snapshot "${id}"`, before, async (session, call, redactor) => {
      const removed = () => remove(session, { id, olds: before }, { ...call, owner: id });
      this.#warn(await session.keepers.deleting(before["snapshotId"], id, removed, null), redactor);
    });
  }

  #open(values: Properties): Promise<Session> {
    const config = fromPlain(values);
    this.#secretConfig = config;
    const redactor = this.redactor({}, []);
    const { env, version, engine } = this.options;
    return new Promise((resolve) => {
      const session = new Session({
        env,
        version,
        face: "pulumi-dynamic",
        debug: (message) => this.options.display.debug(redactor.text(message)),
      });
      if (engine) session.keepers.join(new Siblings(engine));
      session.configure(config);
      resolve(session);
    });
  }

  /** Why no request can be made; null: one can, or it is not known yet. @param doing the beginning of the message */
  problem(doing: string): Promise<string | null> {
    return this.connection()
      .then((session) => {
        session.needsCredentials(doing);
        return null;
      })
      .catch(messageOf);
  }

  connection(): Promise<Session> {
    return (this.#session ??= this.#open({}));
  }

  /** Runs a call with the connection, and removes secrets from its messages. Errors have the form that the host expects. */
  async call<T>(
    doing: string,
    known: Bag,
    body: (session: Session, call: PulumiCall, redactor: Redactor) => Promise<T>,
    secrets: readonly string[] = strings(known[SECRETS]),
  ): Promise<T> {
    const redactor = this.redactor(known, secrets);
    const name = typeof known["name"] === "string" ? known["name"] : "";
    const { display } = this.options;
    const progress = (text: string): void => display.progress(redactor.text(`${name}: ${text}`));
    const log = { debug: (message: string) => display.debug(redactor.text(message)), progress, buildLine: progress };
    try {
      return await this.calls.run(doing, async (signal) =>
        body(await this.connection(), { signal, log, kind: "dynamic" }, redactor),
      );
    } catch (error) {
      throw callFailure(doing, error, redactor);
    } finally {
      await display.said();
    }
  }

  #kept(done: Applied, news: Bag, redactor: Redactor): Properties {
    this.#warn(done.warnings, redactor);
    const outs = toPlain({ ...done.outputs, ...(news[SECRETS] === undefined ? {} : { [SECRETS]: news[SECRETS] }) });
    if (done.failed === undefined) return outs;
    throw partlyDone(done.id, { ...outs, __provider: news["__provider"] }, redactor.text(done.failed));
  }

  #found(found: Found, before: Bag, redactor: Redactor): { id: string; props: Properties } {
    this.#warn(found.warnings, redactor);
    return {
      id: found.id,
      props: toPlain({ ...found.outputs, ...(before[SECRETS] === undefined ? {} : { [SECRETS]: before[SECRETS] }) }),
    };
  }

  /** Shown once per process, because Diff is called several times in one `up`. */
  #warn(warnings: readonly string[], redactor: Redactor): void {
    for (const warning of warnings.map((text) => redactor.text(text))) {
      if (this.#warned.has(warning)) continue;
      this.#warned.add(warning);
      this.options.display.warn(warning);
    }
  }

  /** A redactor for the credentials and for these properties. */
  redactor(bag: Bag, secrets: Iterable<string>): Redactor {
    const { env } = this.options;
    return redactorOf(env, [this.#secretConfig, secretConfigNames], [bag, secrets]);
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
