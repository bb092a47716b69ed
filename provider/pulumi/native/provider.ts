// A little over 200 lines: all RPCs of one provider, which share the session, the secrets and the display.
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type Applied, type Bag, EXTERNAL, type Failure, type Naming, type PulumiCall, Redactor, Refused, Session, check, checkConfig, configNames, create, diff, get, importSnapshot, invoke, learn, read, redactorOf, remove, same, secretConfigNames, secretOutputs, update } from "../shared";
import { environmentSecrets } from "../../tool/redactor";
import { Calls } from "./calls";
import { Engine } from "./engine";
import { initFailed } from "./failure";
import { received, sent } from "./wire";

const SNAPSHOT = "daytona:index:Snapshot";

export interface ProviderOptions {
  env: Record<string, string | undefined>;
  version: string;
  /** The package schema, as JSON. */
  schema(): string;
}

/** A configured native provider: the answer to each RPC. Failures are thrown. */
export class NativeProvider {
  readonly engine = new Engine();
  readonly calls = new Calls();
  readonly #session: Session;
  readonly #credentials = new Redactor();
  /** Secrets of the configuration, which are removed from every message. */
  #secretConfig: Bag = {};

  constructor(private readonly options: ProviderOptions) {
    const { env, version } = options;
    this.#credentials.learn(environmentSecrets(env));
    this.#session = new Session({ env, version, face: "pulumi", debug: (message) => this.engine.log("debug", this.#credentials.text(message), "") });
  }

  close(): void {
    this.calls.abort();
    this.#session.close();
    this.engine.close();
  }

  /** A message without the secrets of this process. */
  clean(text: string): string {
    return this.#credentials.text(text);
  }

  schema(request: pb.GetSchemaRequest): pb.GetSchemaResponse {
    if (request.getVersion() !== 0) throw new Refused(`Unknown schema version ${request.getVersion()}: this provider supports version 0.`);
    return new pb.GetSchemaResponse().setSchema(this.options.schema());
  }

  checkConfig(request: pb.CheckRequest): pb.CheckResponse {
    const { bag, secrets } = received(request.getNews());
    for (const name of secretConfigNames) if (bag[name] !== undefined) secrets.add(name);
    return checked(bag, secrets, checkConfig(bag));
  }

  /** Never a replacement: otherwise the engine would replace every snapshot for a new key. After a switch from the dynamic provider, the old inputs are the whole stack configuration. */
  diffConfig(request: pb.DiffRequest): pb.DiffResponse {
    const olds = received(request.getOldInputs() ?? request.getOlds()).bag;
    const news = received(request.getNews()).bag;
    const changed = configNames.some((name) => !same(olds[name], news[name]));
    return new pb.DiffResponse().setChanges(changed ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE);
  }

  configure(request: pb.ConfigureRequest): pb.ConfigureResponse {
    const { bag } = received(request.getArgs());
    this.#secretConfig = bag;
    learn(this.#credentials, bag, secretConfigNames);
    this.#session.configure(bag);
    return new pb.ConfigureResponse().setAcceptsecrets(true).setAcceptresources(true).setAcceptoutputs(true).setSupportspreview(true).setSupportsAutonamingConfiguration(true);
  }

  check(request: pb.CheckRequest): pb.CheckResponse {
    const olds = received(request.getOlds());
    const news = received(request.getNews());
    const isNew = Object.keys(olds.bag).length === 0;
    const secrets = new Set([...news.secrets, ...(olds.secrets.has("__provider") ? ["__provider"] : [])]);
    const answer = check({ olds: isNew ? null : olds.bag, news: news.bag, naming: naming(request), secrets });
    const redactor = this.#redactor(news.bag, news.secrets);
    return checked(answer.inputs, secrets, answer.failures.map(({ property, reason }) => ({ property, reason: redactor.text(reason) })));
  }

  async diff(request: pb.DiffRequest): Promise<pb.DiffResponse> {
    const { region, sources } = this.#session;
    const found = await diff({ id: request.getId(), olds: received(request.getOlds()).bag, news: received(request.getNews()).bag, region, sources });
    const answer = new pb.DiffResponse();
    answer.setChanges(found.changes ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE);
    answer.setReplacesList(found.replaces);
    answer.setDeletebeforereplace(found.deleteBeforeReplace);
    answer.setStablesList(found.stables);
    answer.setDiffsList(found.diffs);
    answer.setHasdetaileddiff(found.changes);
    for (const [path, { kind, replace }] of Object.entries(found.detailed)) {
      const K = pb.PropertyDiff.Kind;
      const kinds = { add: [K.ADD, K.ADD_REPLACE], update: [K.UPDATE, K.UPDATE_REPLACE], delete: [K.DELETE, K.DELETE_REPLACE] } as const;
      answer.getDetaileddiffMap().set(path, new pb.PropertyDiff().setKind(kinds[kind][replace ? 1 : 0]).setInputdiff(false));
    }
    return answer;
  }

  create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const news = received(request.getProperties());
    const secrets = secretOutputs(news.secrets);
    return this.#call(request, news, request.getTimeout(), async (call, redactor) => {
      const done = await create(this.#session, { news: news.bag, preview: request.getPreview() }, call);
      const properties = this.#answer(request.getUrn(), done, secrets, redactor);
      return new pb.CreateResponse().setId(request.getPreview() ? "" : done.id).setProperties(properties);
    });
  }

  update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const olds = received(request.getOlds());
    const news = received(request.getNews());
    const secrets = secretOutputs(news.secrets);
    return this.#call(request, news, request.getTimeout(), async (call, redactor) => {
      learn(redactor, olds.bag, olds.secrets);
      const done = await update(this.#session, { id: request.getId(), olds: olds.bag, news: news.bag, preview: request.getPreview() }, call);
      return new pb.UpdateResponse().setProperties(this.#answer(request.getUrn(), done, secrets, redactor));
    });
  }

  read(request: pb.ReadRequest): Promise<pb.ReadResponse> {
    const outputs = received(request.getProperties());
    const inputs = received(request.getInputs());
    const secrets = new Set([...outputs.secrets, ...secretOutputs(inputs.secrets)]);
    return this.#call(request, outputs, 0, async (call, redactor) => {
      const id = request.getId();
      // A state has the UUID. An ID without properties is an import; properties without the UUID are a `get`.
      if (!request.hasProperties()) return this.#found(request, await importSnapshot(this.#session, id, call), new Set(), redactor);
      if (typeof outputs.bag["snapshotId"] !== "string" || outputs.bag[EXTERNAL] === true) return this.#found(request, await get(this.#session, id, call), secrets, redactor);
      const { found, warnings } = await read(this.#session, { id, outputs: outputs.bag, inputs: inputs.bag }, call);
      if (found?.unhealthy !== undefined) {
        this.#warn(request.getUrn(), found.warnings, redactor);
        // The engine continues the refresh, shows the reason as a warning, and keeps it in the state.
        throw initFailed(found.id, sent(found.outputs, secrets), redactor.text(found.unhealthy), sent(found.inputs, secrets));
      }
      if (found !== null) return this.#found(request, found, secrets, redactor);
      this.#warn(request.getUrn(), warnings, redactor);
      return new pb.ReadResponse();
    });
  }

  delete(request: pb.DeleteRequest): Promise<void> {
    const olds = received(request.getProperties());
    return this.#call(request, olds, request.getTimeout(), async (call, redactor) => {
      this.#warn(request.getUrn(), await remove(this.#session, { id: request.getId(), olds: olds.bag }, call), redactor);
    });
  }

  async invoke(request: pb.InvokeRequest): Promise<pb.InvokeResponse> {
    const [, name = ""] = /^daytona:index(?:\/\w+)?:(\w+)$/.exec(request.getTok()) ?? [];
    const { bag } = received(request.getArgs());
    const { result, failures } = await this.calls.run((signal) => invoke(this.#session, name || request.getTok(), bag, signal));
    const answer = new pb.InvokeResponse().setFailuresList(failures.map(failureMessage));
    return result === null ? answer : answer.setReturn(sent(result, new Set()));
  }

  /** Runs a call about one snapshot: with its own signal, with progress on the display, and with secrets removed from messages. */
  #call<T>(request: { getUrn(): string; getType?(): string }, known: { bag: Bag; secrets: Set<string> }, timeout: number, body: (call: PulumiCall, redactor: Redactor) => Promise<T>): Promise<T> {
    const urn = request.getUrn();
    const redactor = this.#redactor(known.bag, known.secrets);
    const type = typeOf(urn);
    if (type !== SNAPSHOT) throw new Refused(`Unknown resource type "${type}": this provider supports ${SNAPSHOT}.`);
    return this.calls.run(async (signal) => {
      const say = (message: string): void => this.engine.log("info", redactor.text(message), urn, true);
      const log = { debug: (message: string) => this.engine.log("debug", redactor.text(message), urn), progress: say, buildLine: say };
      try {
        return await body({ signal, log, kind: "native", logicalName: logicalName(urn), timeoutMs: timeout > 0 ? timeout * 1000 : undefined }, redactor);
      } catch (error) {
        if (error instanceof Refused) throw new Refused(redactor.text(error.message));
        throw error;
      } finally {
        await this.engine.said();
      }
    });
  }

  #redactor(bag: Bag, secrets: Iterable<string>): Redactor {
    const { env } = this.options;
    return redactorOf(env, [this.#secretConfig, secretConfigNames], [bag, secrets]);
  }

  #warn(urn: string, warnings: readonly string[], redactor: Redactor): void {
    for (const warning of warnings) this.engine.log("warning", redactor.text(warning), urn);
  }

  #answer(urn: string, done: Applied, secrets: Set<string>, redactor: Redactor): Struct {
    this.#warn(urn, done.warnings, redactor);
    const properties = sent(done.outputs, secrets);
    if (done.failed !== undefined) throw initFailed(done.id, properties, redactor.text(done.failed));
    return properties;
  }

  #found(request: pb.ReadRequest, found: Applied & { inputs: Bag }, secrets: Set<string>, redactor: Redactor): pb.ReadResponse {
    this.#warn(request.getUrn(), found.warnings, redactor);
    return new pb.ReadResponse().setId(found.id).setProperties(sent(found.outputs, secrets)).setInputs(sent(found.inputs, secrets));
  }
}

function checked(inputs: Bag, secrets: ReadonlySet<string>, failures: readonly Failure[]): pb.CheckResponse {
  return new pb.CheckResponse().setInputs(sent(inputs, secrets)).setFailuresList(failures.map(failureMessage));
}

function failureMessage({ property, reason }: Failure): pb.CheckFailure {
  return new pb.CheckFailure().setProperty(property).setReason(reason);
}

function naming(request: pb.CheckRequest): Naming {
  const asked = request.getAutonaming();
  const Mode = pb.CheckRequest.AutonamingOptions.Mode;
  const mode = asked?.getMode();
  const seed = request.getRandomseed_asU8();
  return {
    logicalName: logicalName(request.getUrn()),
    proposedName: asked?.getProposedName() || undefined,
    mode: mode === Mode.ENFORCE ? "enforce" : mode === Mode.DISABLE ? "disable" : "propose",
    randomSeed: seed.length > 0 ? seed : undefined,
  };
}

/** `urn:pulumi:stack::project::parent$type::name` */
function logicalName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").split("$").pop() ?? "";
}

