import { Server, ServerCredentials, credentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createService } from "../../../provider/pulumi/native/service";
import { quickNode } from "./tools";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Message = { [key: string]: Json };

export interface Answer {
  response?: Message;
  error?: { code: number; message: string; metadata: Buffer | undefined };
}

/** A native provider in this process, spoken to over real gRPC in the protocol's JSON. */
export interface Wire {
  call(method: string, request: Message): Promise<Answer>;
  close(): Promise<void>;
}

export async function serveNative(env: Record<string, string>): Promise<Wire> {
  const server = new Server();
  const { definition, handlers, provider } = createService({ env, version: "0.0.0", schema: () => "{}" });
  server.addService(definition, handlers);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    call: (method, request) => call(client, method, request),
    close: async () => {
      client.close();
      provider.close();
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    },
  };
}

/** Pulumi's own host for dynamic providers, with the package that is installed in `folder`. What it shows is lost. */
export async function serveDynamic(folder: string, env: Record<string, string>): Promise<Wire> {
  const engine = new Server();
  engine.addService({ log: EngineService.log } as never, {
    log: (_call: unknown, callback: (error: null, answer: Empty) => void) => callback(null, new Empty()),
  });
  const at = await new Promise<number>((resolve, reject) =>
    engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(DAYTONA|PULUMI)_/.test(key)));
  const script = createRequire(join(folder, "index.js")).resolve("@pulumi/pulumi/cmd/dynamic-provider");
  const child = spawn(process.execPath, [script, `127.0.0.1:${at}`], {
    cwd: folder,
    env: { ...inherited, ...quickNode, HOME: folder, DAYTONA_RESOLVE_TAGS: "false", ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once("exit", (code) => reject(new Error(`the host ended with ${code}`)));
  });
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    call: (method, request) => call(client, method, request),
    close: async () => {
      client.close();
      engine.forceShutdown();
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const requests: Record<string, new () => object> = {
  Handshake: pb.ProviderHandshakeRequest,
  GetSchema: pb.GetSchemaRequest,
  CheckConfig: pb.CheckRequest,
  DiffConfig: pb.DiffRequest,
  Configure: pb.ConfigureRequest,
  Check: pb.CheckRequest,
  Diff: pb.DiffRequest,
  Create: pb.CreateRequest,
  Read: pb.ReadRequest,
  Update: pb.UpdateRequest,
  Delete: pb.DeleteRequest,
  Invoke: pb.InvokeRequest,
  Cancel: Empty,
  GetPluginInfo: Empty,
  Construct: pb.ConstructRequest,
};

function call(client: ResourceProviderClient, method: string, request: Message): Promise<Answer> {
  const Request = requests[method];
  if (Request === undefined) throw new Error(`no request of ${method}`);
  const rpc = (
    client as unknown as Record<
      string,
      (
        request: object,
        done: (
          error: { code: number; details: string; metadata: { get(key: string): Buffer[] } } | null,
          response: object,
        ) => void,
      ) => void
    >
  )[method.charAt(0).toLowerCase() + method.slice(1)];
  return new Promise((resolve) =>
    rpc?.call(client, fill(new Request(), request), (error, response) =>
      resolve(
        error
          ? {
              error: {
                code: error.code,
                message: error.details,
                metadata: error.metadata.get("grpc-status-details-bin")[0],
              },
            }
          : { response: read(response) },
      ),
    ),
  );
}

/** The setter of a field, whatever the generator made of its name. */
function method(message: object, verb: "set" | "get", field: string, endings: readonly string[]): string | undefined {
  const wanted = endings.map((ending) => `${verb}${field}${ending}`.toLowerCase());
  for (
    let proto = Object.getPrototypeOf(message) as object | null;
    proto !== null;
    proto = Object.getPrototypeOf(proto) as object | null
  ) {
    const found = Object.getOwnPropertyNames(proto).find((name) => wanted.includes(name.toLowerCase()));
    if (found !== undefined) return found;
  }
  return undefined;
}

function fill(message: object, json: Message): object {
  for (const [field, value] of Object.entries(json)) {
    const setter = method(message, "set", field, ["", "List"]);
    if (setter === undefined) continue; // a map (variables), or a field of a newer engine
    (message as Record<string, (value: unknown) => void>)[setter]?.(valueOf(field, value));
  }
  return message;
}

function valueOf(field: string, value: Json): unknown {
  if (field === "randomSeed" || Array.isArray(value) || typeof value !== "object" || value === null) return value;
  if (field === "autonaming") {
    const modes = pb.CheckRequest.AutonamingOptions.Mode;
    return new pb.CheckRequest.AutonamingOptions()
      .setProposedName(String(value["proposedName"] ?? ""))
      .setMode(modes[(value["mode"] ?? "PROPOSE") as keyof typeof modes]);
  }
  return Struct.fromJavaScript(value as Parameters<typeof Struct.fromJavaScript>[0]);
}

/** A response as the protocol's JSON has it, fields that have their default left out. */
function read(message: object): Message {
  const json: Message = {};
  for (const [field, value] of Object.entries((message as { toObject(): Record<string, unknown> }).toObject())) {
    const name = field.replace(/(List|Map)$/, "").replace(/^pb_/, "");
    const getter = method(message, "get", name, ["", "List"]) ?? "";
    const own = (message as Record<string, (() => unknown) | undefined>)[getter]?.();
    if (own instanceof Struct) json[name] = own.toJavaScript() as Json;
    else if (field.endsWith("Map")) json[name] = Object.fromEntries(value as [string, Json][]);
    else json[name] = value as Json;
  }
  return json;
}
