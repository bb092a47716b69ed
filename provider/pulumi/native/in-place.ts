import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { type Bag, type InPlaceType, inPlaceTypes, type PulumiCall, type Redactor, type Session } from "../shared";
import { checkResponse, diffResponse } from "./responses";
import { type Received, received, toStruct } from "./wire";

/** What these calls need of the provider. */
export interface Host {
  readonly session: Session;
  /** Runs a call about one resource, with progress, and with secrets removed from messages. */
  call<T>(
    doing: string,
    request: { getUrn(): string },
    known: Received,
    timeout: number,
    body: (call: PulumiCall, redactor: Redactor) => Promise<T>,
  ): Promise<T>;
  redactor(bag: Bag, secrets: Iterable<string>): Redactor;
  /** A question of the engine whether a resource exists. */
  asksExistence(urn: string, outputs: Bag): boolean;
}

/** The type of a URN, if it is one of a resource that is changed in place. */
export function inPlaceTypeOf(token: string): InPlaceType | undefined {
  return inPlaceTypes.find((type) => type.token === token);
}

/** The calls about resources that are changed in place. */
export class InPlaceCalls {
  constructor(private readonly host: Host) {}

  check(type: InPlaceType, request: pb.CheckRequest): pb.CheckResponse {
    const news = secretsOf(type, request.getNews());
    const answer = type.check(news.bag);
    const redactor = this.host.redactor(news.bag, news.secrets);
    return checkResponse(
      answer.inputs,
      news.secrets,
      answer.failures.map(({ property, reason }) => ({ property, reason: redactor.text(reason) })),
    );
  }

  diff(type: InPlaceType, request: pb.DiffRequest): pb.DiffResponse {
    const found = type.diff(
      received(request.getOlds()).bag,
      received(request.getOldInputs()).bag,
      received(request.getNews()).bag,
    );
    return diffResponse(found);
  }

  create(type: InPlaceType, request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const news = secretsOf(type, request.getProperties());
    return this.host.call(`creating ${label(type, news.bag)}`, request, news, request.getTimeout(), async (call) => {
      const done = await type.create(this.host.session, { news: news.bag, preview: request.getPreview() }, call);
      return new pb.CreateResponse().setId(done.id).setProperties(toStruct(done.outputs, news.secrets));
    });
  }

  update(type: InPlaceType, request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const olds = secretsOf(type, request.getOlds());
    const oldInputs = secretsOf(type, request.getOldInputs());
    const news = secretsOf(type, request.getNews());
    const known = { bag: { ...olds.bag, ...news.bag }, secrets: news.secrets };
    return this.host.call(`updating ${label(type, olds.bag)}`, request, known, request.getTimeout(), async (call) => {
      const done = await type.update(
        this.host.session,
        { olds: olds.bag, oldInputs: oldInputs.bag, news: news.bag, preview: request.getPreview() },
        call,
      );
      return new pb.UpdateResponse().setProperties(toStruct(done.outputs, news.secrets));
    });
  }

  read(type: InPlaceType, request: pb.ReadRequest): Promise<pb.ReadResponse> {
    const outputs = secretsOf(type, request.getProperties());
    const inputs = secretsOf(type, request.getInputs());
    const secrets = new Set([...outputs.secrets, ...inputs.secrets]);
    const id = request.getId();
    return this.host.call(`reading ${label(type, outputs.bag, id)}`, request, outputs, 0, async (call) => {
      const { session } = this.host;
      if (this.host.asksExistence(request.getUrn(), outputs.bag))
        return (await type.exists(session, id, call))
          ? new pb.ReadResponse().setId(id).setProperties(toStruct({ name: id }, secrets))
          : new pb.ReadResponse();
      // Every state has the UUID; an import and a reference have none.
      const found =
        Object.keys(outputs.bag).length === 0
          ? await type.find(session, id, call)
          : await type.read(session, { outputs: withId(type, outputs.bag, id), inputs: inputs.bag }, call);
      return found === null
        ? new pb.ReadResponse()
        : new pb.ReadResponse()
            .setId(found.id)
            .setProperties(toStruct(found.outputs, secrets))
            .setInputs(toStruct(found.inputs, secrets));
    });
  }

  delete(type: InPlaceType, request: pb.DeleteRequest): Promise<void> {
    const olds = secretsOf(type, request.getProperties());
    const id = request.getId();
    return this.host.call(`deleting ${label(type, olds.bag, id)}`, request, olds, request.getTimeout(), (call) =>
      type.remove(this.host.session, withId(type, olds.bag, id), call),
    );
  }
}

/** Received properties. What the table calls sensitive is a secret, whether the program says so or not. */
function secretsOf(type: InPlaceType, struct: Parameters<typeof received>[0]): Received {
  const { bag, secrets } = received(struct);
  return { bag, secrets: new Set([...secrets, ...type.secrets]) };
}

function withId({ idProperty }: InPlaceType, bag: Bag, id: string): Bag {
  return { ...bag, [idProperty]: bag[idProperty] ?? id };
}

function label({ definition: { noun } }: InPlaceType, bag: Bag, id = ""): string {
  return `${noun} "${typeof bag["name"] === "string" ? bag["name"] : id}"`;
}
