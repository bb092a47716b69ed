// A little over 200 lines: all RPCs of one provider, which share the session, the secrets and the display.
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
  type Applied,
  type Bag,
  Calls,
  type Naming,
  type PulumiCall,
  Redactor,
  Refused,
  Session,
  Siblings,
  check,
  checkConfig,
  configNames,
  create,
  diff,
  exists,
  get,
  inPlaceTypes,
  invoke,
  learn,
  lookup,
  nameFailure,
  read,
  readKind,
  redactorOf,
  remove,
  same,
  secretConfigNames,
  secretOutputs,
  textOf,
  update,
} from "../shared";
import { environmentSecrets } from "../../tool/redactor";
import { Engine } from "./engine";
import { initFailed } from "./failure";
import { InPlaceCalls, inPlaceTypeOf } from "./in-place";
import { checkResponse, diffResponse, failureMessage } from "./responses";
import { type Received, received, toStruct } from "./wire";

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
  /** URNs of the resources whose program gives a name. */
  readonly #named = new Set<string>();
  /** The calls about the other types. */
  readonly #inPlace: InPlaceCalls;
  /** Secrets of the configuration, which are removed from every message. */
  #secretConfig: Bag = {};

  constructor(private readonly options: ProviderOptions) {
    const { env, version } = options;
    this.#credentials.learn(environmentSecrets(env));
    this.#session = new Session({
      env,
      version,
      face: "pulumi",
      debug: (message) => this.engine.log("debug", this.#credentials.text(message), ""),
    });
    this.#inPlace = new InPlaceCalls({
      session: this.#session,
      call: (doing, request, known, timeout, body) => this.#call(doing, request, known, timeout, body),
      redactor: (bag, secrets) => this.#redactor(bag, secrets),
      asksExistence: (urn, outputs) => readKind(logicalName(urn), outputs, {}) === "exists",
    });
  }

  /** @param address the engine's, from Handshake or Attach, or from the command line of older engines */
  connectEngine(address: string): void {
    this.engine.connect(address);
    if (address !== "") this.#session.keepers.join(new Siblings(address));
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
    if (request.getVersion() !== 0)
      throw new Refused(`Unknown schema version ${request.getVersion()}: this provider supports version 0.`);
    return new pb.GetSchemaResponse().setSchema(this.options.schema());
  }

  checkConfig(request: pb.CheckRequest): pb.CheckResponse {
    const { bag, secrets } = received(request.getNews());
    for (const name of secretConfigNames) if (bag[name] !== undefined) secrets.add(name);
    return checkResponse(bag, secrets, checkConfig(bag));
  }

  /** Never a replacement: otherwise the engine would replace every snapshot for a new key. After a switch from the dynamic provider, the old inputs are the whole stack configuration. */
  diffConfig(request: pb.DiffRequest): pb.DiffResponse {
    const olds = received(request.getOldInputs() ?? request.getOlds()).bag;
    const news = received(request.getNews()).bag;
    const changed = configNames.some((name) => !same(olds[name], news[name]));
    return new pb.DiffResponse().setChanges(
      changed ? pb.DiffResponse.DiffChanges.DIFF_SOME : pb.DiffResponse.DiffChanges.DIFF_NONE,
    );
  }

  configure(request: pb.ConfigureRequest): pb.ConfigureResponse {
    const { bag } = received(request.getArgs());
    this.#secretConfig = bag;
    learn(this.#credentials, bag, secretConfigNames);
    this.#session.configure(bag);
    return new pb.ConfigureResponse()
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setAcceptoutputs(true)
      .setSupportspreview(true)
      .setSupportsAutonamingConfiguration(true);
  }

  check(request: pb.CheckRequest): pb.CheckResponse {
    const other = inPlaceTypeOf(typeOf(request.getUrn()));
    if (other !== undefined) return this.#inPlace.check(other, request);
    const olds = received(request.getOlds());
    const news = received(request.getNews());
    const isNew = Object.keys(olds.bag).length === 0;
    const secrets = new Set([...news.secrets, ...(olds.secrets.has("__provider") ? ["__provider"] : [])]);
    const answer = check({ olds: isNew ? null : olds.bag, news: news.bag, naming: naming(request), secrets });
    const urn = request.getUrn();
    this.#session.keepers.checked(urn, isNew);
    if (news.bag["name"] === undefined || news.bag["name"] === null) this.#named.delete(urn);
    else this.#named.add(urn);
    answer.failures.push(...nameFailure(this.#session, answer.inputs["name"], urn));
    const redactor = this.#redactor(news.bag, news.secrets);
    return checkResponse(
      answer.inputs,
      secrets,
      answer.failures.map(({ property, reason }) => ({ property, reason: redactor.text(reason) })),
    );
  }

  async diff(request: pb.DiffRequest): Promise<pb.DiffResponse> {
    const other = inPlaceTypeOf(typeOf(request.getUrn()));
    if (other !== undefined) return this.#inPlace.diff(other, request);
    const { region, sources, seen, images, sandboxes, digests } = this.#session;
    const id = request.getId();
    const olds = received(request.getOlds()).bag;
    const redactor = this.#redactor(olds, []);
    const found = await this.calls.run(`comparing snapshot "${id}"`, (signal) =>
      diff({
        id,
        olds,
        news: received(request.getNews()).bag,
        region,
        sources,
        seen,
        images,
        sandboxes,
        digests,
        owner: request.getUrn(),
        signal,
        log: {
          debug: (text) => this.engine.log("debug", redactor.text(text), request.getUrn()),
          progress: (text) => this.engine.log("info", redactor.text(text), request.getUrn(), true),
        },
        nameStays: this.#named.has(request.getUrn()),
      }),
    );
    this.#session.keepers.compared(request.getUrn(), olds["snapshotId"], found.replaces.length > 0);
    const warnings = [...(found.changedFiles === null ? [] : [found.changedFiles]), ...found.told.map(textOf)];
    if (warnings.length > 0) {
      this.#warn(request.getUrn(), warnings, redactor);
      await this.engine.said();
    }
    return diffResponse(found);
  }

  create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const other = inPlaceTypeOf(typeOf(request.getUrn()));
    if (other !== undefined) return this.#inPlace.create(other, request);
    const news = received(request.getProperties());
    const secrets = secretOutputs(news.secrets);
    return this.#call(
      `creating snapshot "${String(news.bag["name"])}"`,
      request,
      news,
      request.getTimeout(),
      async (call, redactor) => {
        const done = await create(this.#session, { news: news.bag, preview: request.getPreview() }, call);
        if (!request.getPreview()) this.#session.keepers.created(request.getUrn(), done.outputs["snapshotId"]);
        const properties = this.#answer(request.getUrn(), done, secrets, redactor);
        return new pb.CreateResponse().setId(request.getPreview() ? "" : done.id).setProperties(properties);
      },
    );
  }

  update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const other = inPlaceTypeOf(typeOf(request.getUrn()));
    if (other !== undefined) return this.#inPlace.update(other, request);
    const olds = received(request.getOlds());
    const news = received(request.getNews());
    const secrets = secretOutputs(news.secrets);
    return this.#call(
      `updating snapshot "${request.getId()}"`,
      request,
      news,
      request.getTimeout(),
      async (call, redactor) => {
        learn(redactor, olds.bag, olds.secrets);
        const done = await update(
          this.#session,
          { id: request.getId(), olds: olds.bag, news: news.bag, preview: request.getPreview() },
          call,
        );
        if (!request.getPreview()) this.#session.keepers.holds(request.getUrn(), done.outputs["snapshotId"]);
        return new pb.UpdateResponse().setProperties(this.#answer(request.getUrn(), done, secrets, redactor));
      },
    );
  }

  read(request: pb.ReadRequest): Promise<pb.ReadResponse> {
    const other = inPlaceTypeOf(typeOf(request.getUrn()));
    if (other !== undefined) return this.#inPlace.read(other, request);
    const outputs = received(request.getProperties());
    const inputs = received(request.getInputs());
    const secrets = new Set([...outputs.secrets, ...secretOutputs(inputs.secrets)]);
    return this.#call(`reading snapshot "${request.getId()}"`, request, outputs, 0, async (call, redactor) => {
      const id = request.getId();
      const urn = request.getUrn();
      const { keepers } = this.#session;
      const kind = readKind(logicalName(urn), outputs.bag, inputs.bag);
      if (kind === "exists")
        return (await exists(this.#session, id, call))
          ? new pb.ReadResponse().setId(id).setProperties(toStruct({ name: id }, secrets))
          : new pb.ReadResponse();
      if (kind === "lookup" || kind === "get") {
        const found =
          kind === "get"
            ? { ...(await get(this.#session, id, call, outputs.bag)), inputs: null }
            : await lookup(this.#session, id, call, request.getResourceStatusAddress() !== "");
        keepers.refers(urn, found.outputs["snapshotId"]);
        return this.#found(request, found, secrets, redactor);
      }
      const { found, warnings } = await read(this.#session, { id, outputs: outputs.bag, inputs: inputs.bag }, call);
      if (found !== null) keepers.found(found.outputs["snapshotId"], urn);
      if (found?.unhealthy !== undefined) {
        this.#warn(urn, found.warnings, redactor);
        // The engine continues the refresh, shows the reason as a warning, and keeps it in the state.
        throw initFailed(
          found.id,
          toStruct(found.outputs, secrets),
          redactor.text(found.unhealthy),
          toStruct(found.inputs, secrets),
        );
      }
      if (found !== null) return this.#found(request, found, secrets, redactor);
      this.#warn(urn, warnings, redactor);
      return new pb.ReadResponse();
    });
  }

  delete(request: pb.DeleteRequest): Promise<void> {
    const other = inPlaceTypeOf(typeOf(request.getUrn()));
    if (other !== undefined) return this.#inPlace.delete(other, request);
    const olds = received(request.getProperties());
    return this.#call(
      `deleting snapshot "${request.getId()}"`,
      request,
      olds,
      request.getTimeout(),
      async (call, redactor) => {
        const urn = request.getUrn();
        const { keepers } = this.#session;
        const owner = keepers.adopter(olds.bag["snapshotId"], urn);
        const removed = () => remove(this.#session, { id: request.getId(), olds: olds.bag }, { ...call, owner });
        this.#warn(urn, await keepers.deleting(olds.bag["snapshotId"], urn, removed), redactor);
      },
    );
  }

  async invoke(request: pb.InvokeRequest): Promise<pb.InvokeResponse> {
    const [, name = ""] = /^daytona:index(?:\/\w+)?:(\w+)$/.exec(request.getTok()) ?? [];
    const { bag } = received(request.getArgs());
    const { result, failures } = await this.calls.run(`Calling ${name || request.getTok()}`, (signal) =>
      invoke(this.#session, name || request.getTok(), bag, signal),
    );
    const answer = new pb.InvokeResponse().setFailuresList(
      failures.map(({ property, reason }) => failureMessage({ property, reason: this.clean(reason) })),
    );
    return result === null ? answer : answer.setReturn(toStruct(result, new Set()));
  }

  /** Runs a call about one snapshot: with its own signal, with progress on the display, and with secrets removed from messages. */
  #call<T>(
    doing: string,
    request: { getUrn(): string; getType?(): string },
    known: Received,
    timeout: number,
    body: (call: PulumiCall, redactor: Redactor) => Promise<T>,
  ): Promise<T> {
    const urn = request.getUrn();
    const redactor = this.#redactor(known.bag, known.secrets);
    const type = typeOf(urn);
    if (type !== SNAPSHOT && inPlaceTypeOf(type) === undefined)
      throw new Refused(
        `Unknown resource type "${type}": this provider supports ${[SNAPSHOT, ...inPlaceTypes.map(({ token }) => token)].join(", ")}.`,
      );
    return this.calls.run(doing, async (signal) => {
      const say = (message: string): void => this.engine.log("info", redactor.text(message), urn, true);
      const log = {
        debug: (message: string) => this.engine.log("debug", redactor.text(message), urn),
        progress: say,
        buildLine: say,
      };
      try {
        return await body(
          {
            signal,
            log,
            kind: "native",
            logicalName: logicalName(urn),
            timeoutMs: timeout > 0 ? timeout * 1000 : undefined,
            owner: urn,
          },
          redactor,
        );
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
    const properties = toStruct(done.outputs, secrets);
    if (done.failed !== undefined) throw initFailed(done.id, properties, redactor.text(done.failed));
    return properties;
  }

  /** `inputs` null: they stay as the program has them. */
  #found(
    request: pb.ReadRequest,
    found: Applied & { inputs: Bag | null },
    secrets: Set<string>,
    redactor: Redactor,
  ): pb.ReadResponse {
    this.#warn(request.getUrn(), found.warnings, redactor);
    const answer = new pb.ReadResponse().setId(found.id).setProperties(toStruct(found.outputs, secrets));
    return found.inputs === null ? answer : answer.setInputs(toStruct(found.inputs, secrets));
  }
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
