import { type ConnectionInjector, Server, ServerCredentials } from "@grpc/grpc-js";
import { GRPCBrokerService, GRPCControllerService, GRPCStdioService } from "../wire/generated/goplugin";
import { HealthService } from "../wire/generated/health";
import { type GetProviderSchema_Response, type ProviderServer, ProviderService } from "../wire/generated/tfplugin6";
import { absentRpcs } from "./absent-rpcs";
import { Calls } from "./calls";
import { dataRpcs } from "./data-rpcs";
import { ephemeralRpcs } from "./ephemeral-rpcs";
import { functionRpcs } from "./function-rpcs";
import { brokerRpcs, controllerRpcs, healthRpcs, stdioRpcs } from "./goplugin-rpcs";
import { listRpcs } from "./list-rpcs";
import { providerRpcs } from "./provider-rpcs";
import { resourceRpcs } from "./resource-rpcs";

/** Serves connections that `listen` accepted. TLS is already established. */
export const injector = (server: Server): ConnectionInjector =>
  server.createConnectionInjector(ServerCredentials.createInsecure());

export const createCalls = (...args: ConstructorParameters<typeof Calls>): Calls => new Calls(...args);

/** Sends a schema that was encoded at build time without encoding it again. */
const schemaService = {
  ...ProviderService,
  getProviderSchema: {
    ...ProviderService.getProviderSchema,
    responseSerialize: (value: GetProviderSchema_Response | Buffer): Buffer =>
      Buffer.isBuffer(value) ? value : ProviderService.getProviderSchema.responseSerialize(value),
  },
};

/**
 * The gRPC server with every call that Terraform can make. `finish` is called after Shutdown has been answered. `schema` returns the
 * encoded GetProviderSchema_Response; by default it is built from the provider.
 */
export function createServer(calls: Calls, finish: () => void, schema?: () => Buffer): Server {
  // A state or a schema can exceed gRPC's default limit of 4 MB. Channelz, gRPC's statistics for each call, is not used.
  const server = new Server({
    "grpc.max_receive_message_length": -1,
    "grpc.max_send_message_length": -1,
    "grpc.enable_channelz": 0,
  });
  const provider: ProviderServer = {
    ...providerRpcs(calls),
    ...resourceRpcs(calls),
    ...dataRpcs(calls),
    ...functionRpcs(calls),
    ...listRpcs(calls),
    ...ephemeralRpcs(calls),
    ...absentRpcs,
    ...(schema && {
      getProviderSchema: (_call, answer) => answer(null, schema() as unknown as GetProviderSchema_Response),
    }),
    stopProvider: (_call, answer) => {
      calls.abort();
      calls
        .provider()
        .then((p) => p.stop())
        .then(
          () => answer(null, { Error: "" }),
          (error: unknown) =>
            answer(null, { Error: calls.redactor.text(error instanceof Error ? error.message : String(error)) }),
        );
    },
  };
  server.addService(schemaService, provider);
  server.addService(GRPCControllerService, controllerRpcs(finish));
  server.addService(GRPCStdioService, stdioRpcs);
  server.addService(GRPCBrokerService, brokerRpcs);
  server.addService(HealthService, healthRpcs);
  return server;
}
