import { reports } from "../../version.gen";
import {
  type ServerUnaryCall,
  type ServiceError,
  type UntypedServiceImplementation,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Refused } from "../shared";
import { failure } from "./failure";
import type { Peers } from "./peer";
import { NativeProvider, type ProviderOptions } from "./provider";

/** The plugin has the credentials of its user. */
const FOREIGN = "The Daytona provider accepts requests only from the user who runs it.";

type Handler = (call: ServerUnaryCall<never, unknown>, callback: sendUnaryData<unknown>) => void;

/** The gRPC service for a provider. */
export function createService(options: ProviderOptions & { peers?: Peers }): {
  definition: typeof ResourceProviderService;
  handlers: UntypedServiceImplementation;
  provider: NativeProvider;
} {
  const provider = new NativeProvider(options);

  function rpc<Request, Response>(body: (request: Request) => Response | Promise<Response>): Handler {
    return (call, callback) => {
      if (options.peers?.isForeign(call.getPeer()))
        return callback({ code: status.PERMISSION_DENIED, details: FOREIGN });
      void Promise.resolve()
        .then(() => body(call.request))
        .then(
          (response) => callback(null, response),
          (error: unknown) => callback(failureOf(error)),
        );
    };
  }

  function failureOf(error: unknown): Partial<ServiceError> {
    if (error instanceof Refused) return failure(provider.clean(error.message));
    if (!(error instanceof Error)) return error as Partial<ServiceError>;
    const place = (error.stack ?? "")
      .split("\n")
      .filter((line) => /^\s+at /.test(line))
      .slice(0, 6)
      .join("\n");
    return failure(
      provider.clean(
        `The Daytona provider failed: ${error.name}: ${error.message}\n${place}\nThis is a bug in the Daytona provider, not in your program. Please report it with the text above: ${reports}`,
      ),
    );
  }

  const absent =
    (name: string): Handler =>
    (_call, callback) =>
      callback({ code: status.UNIMPLEMENTED, details: `${name} is not part of the Daytona provider` });

  const handlers: Record<keyof typeof ResourceProviderService, Handler> = {
    handshake: rpc((request: pb.ProviderHandshakeRequest) => {
      provider.connectEngine(request.getEngineAddress());
      return new pb.ProviderHandshakeResponse()
        .setAcceptSecrets(true)
        .setAcceptResources(true)
        .setAcceptOutputs(true)
        .setSupportsAutonamingConfiguration(true);
    }),
    attach: rpc((request: { getAddress(): string }) => {
      provider.connectEngine(request.getAddress());
      return new Empty();
    }),
    getPluginInfo: rpc(() => new PluginInfo().setVersion(options.version)),
    getSchema: rpc((request: pb.GetSchemaRequest) => provider.schema(request)),
    checkConfig: rpc((request: pb.CheckRequest) => provider.checkConfig(request)),
    diffConfig: rpc((request: pb.DiffRequest) => provider.diffConfig(request)),
    configure: rpc((request: pb.ConfigureRequest) => provider.configure(request)),
    check: rpc((request: pb.CheckRequest) => provider.check(request)),
    diff: rpc((request: pb.DiffRequest) => provider.diff(request)),
    create: rpc((request: pb.CreateRequest) => provider.create(request)),
    read: rpc((request: pb.ReadRequest) => provider.read(request)),
    update: rpc((request: pb.UpdateRequest) => provider.update(request)),
    delete: rpc((request: pb.DeleteRequest) => provider.delete(request).then(() => new Empty())),
    invoke: rpc((request: pb.InvokeRequest) => provider.invoke(request)),
    // Also sent when everything is done, so it is always acknowledged.
    cancel: rpc(() => {
      provider.calls.abort();
      return new Empty();
    }),
    parameterize: absent("Parameterize"),
    call: absent("Call"),
    construct: absent("Construct"),
    list: absent("List"),
    getMapping: absent("GetMapping"),
    getMappings: absent("GetMappings"),
  };
  return {
    definition: ResourceProviderService,
    handlers: handlers as unknown as UntypedServiceImplementation,
    provider,
  };
}
