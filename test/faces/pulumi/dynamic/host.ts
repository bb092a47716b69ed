import { Client, Metadata, Server, ServerCredentials, type ServiceError, credentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { quickNode } from "../tools";

export type Properties = Record<string, unknown>;

/** What a call ended with that failed: its message, and what the engine is to keep. */
export class CallError extends Error {
  constructor(
    message: string,
    readonly kept: { id: string; properties: Properties; reasons: string[] } | null,
  ) {
    super(message);
  }
}

/** Pulumi's own server process for dynamic providers, over gRPC, as the engine drives it. */
export class Host {
  /** What the provider showed on the engine's display: `<severity>: <text>`, ephemeral ones with a `~` before. */
  readonly shown: string[] = [];
  /** The host's standard error. */
  stderr = "";
  #child: ChildProcess | null = null;
  #client: Client | null = null;
  readonly #engine = new Server();

  private constructor() {}

  /** `folder` is the program's, with the package installed. `config`: the stack's configuration. */
  static async start(folder: string, env: Record<string, string>, config: Record<string, string> = {}): Promise<Host> {
    const host = new Host();
    const engine = await host.#listen();
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^(DAYTONA|PULUMI)_/.test(key)),
    );
    const script = createRequire(join(folder, "index.js")).resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const child = spawn(process.execPath, [script, `127.0.0.1:${engine}`], {
      cwd: folder,
      env: { ...inherited, ...quickNode, HOME: folder, DAYTONA_RESOLVE_TAGS: "false", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    host.#child = child;
    child.stderr.on("data", (chunk: Buffer) => (host.stderr += chunk.toString()));
    const port = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
      child.once("exit", (code) => reject(new Error(`the host ended with ${code}:\n${host.stderr}`)));
    });
    host.#client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    await host.#call("configure", new pb.ConfigureRequest().setArgs(struct(config)));
    return host;
  }

  async check(
    olds: Properties,
    news: Properties,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }> {
    const answer = await this.#call<pb.CheckResponse>(
      "check",
      new pb.CheckRequest().setOlds(struct(olds)).setNews(struct(news)),
    );
    return {
      inputs: plain(answer.getInputs()),
      failures: answer
        .getFailuresList()
        .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() })),
    };
  }

  async diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: "none" | "some"; replaces: string[]; deleteBeforeReplace: boolean }> {
    const answer = await this.#call<pb.DiffResponse>(
      "diff",
      new pb.DiffRequest().setId(id).setOlds(struct(olds)).setNews(struct(news)),
    );
    const changes = answer.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME ? "some" : "none";
    return { changes, replaces: answer.getReplacesList(), deleteBeforeReplace: answer.getDeletebeforereplace() };
  }

  async create(inputs: Properties): Promise<{ id: string; outputs: Properties }> {
    const answer = await this.#call<pb.CreateResponse>("create", new pb.CreateRequest().setProperties(struct(inputs)));
    return { id: answer.getId(), outputs: plain(answer.getProperties()) };
  }

  async read(id: string, properties: Properties): Promise<{ id: string; outputs: Properties }> {
    const answer = await this.#call<pb.ReadResponse>(
      "read",
      new pb.ReadRequest().setId(id).setProperties(struct(properties)),
    );
    return { id: answer.getId(), outputs: plain(answer.getProperties()) };
  }

  async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
    return plain(
      (
        await this.#call<pb.UpdateResponse>(
          "update",
          new pb.UpdateRequest().setId(id).setOlds(struct(olds)).setNews(struct(news)),
        )
      ).getProperties(),
    );
  }

  async delete(id: string, properties: Properties): Promise<void> {
    await this.#call<Empty>("delete", new pb.DeleteRequest().setId(id).setProperties(struct(properties)));
  }

  async stop(): Promise<void> {
    this.#client?.close();
    this.#engine.forceShutdown();
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  async #call<Response>(name: keyof typeof ResourceProviderService, request: unknown): Promise<Response> {
    const { path, requestSerialize, responseDeserialize } = ResourceProviderService[name] as unknown as {
      path: string;
      requestSerialize(value: unknown): Buffer;
      responseDeserialize(bytes: Buffer): Response;
    };
    return new Promise((resolve, reject) => {
      this.#client?.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        new Metadata(),
        {},
        (error, response) => (error ? reject(callError(error)) : resolve(response as Response)),
      );
    });
  }

  async #listen(): Promise<number> {
    this.#engine.addService({ log: EngineService.log } as never, {
      log: (call: { request: LogRequest }, callback: (error: null, answer: Empty) => void) => {
        const severity = {
          [LogSeverity.DEBUG]: "debug",
          [LogSeverity.INFO]: "info",
          [LogSeverity.WARNING]: "warning",
          [LogSeverity.ERROR]: "error",
        }[call.request.getSeverity()];
        this.shown.push(`${call.request.getEphemeral() ? "~" : ""}${severity}: ${call.request.getMessage()}`);
        callback(null, new Empty());
      },
    });
    return new Promise((resolve, reject) =>
      this.#engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
  }
}

function callError(error: ServiceError): CallError {
  const [details] = error.metadata.get("grpc-status-details-bin");
  if (details === undefined) return new CallError(error.details, null);
  const [any] = Status.deserializeBinary(details as Buffer).getDetailsList();
  const failed = pb.ErrorResourceInitFailed.deserializeBinary((any as { getValue_asU8(): Uint8Array }).getValue_asU8());
  return new CallError(error.details, {
    id: failed.getId(),
    properties: plain(failed.getProperties()),
    reasons: failed.getReasonsList(),
  });
}

function struct(value: Properties): Struct {
  return Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);
}

function plain(value: Struct | undefined): Properties {
  return (value?.toJavaScript() ?? {}) as Properties;
}
