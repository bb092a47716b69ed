import { Server } from "@grpc/grpc-js";
import { GRPCBrokerService, GRPCControllerService, GRPCStdioService } from "../wire/generated/goplugin";
import { HealthService } from "../wire/generated/health";
import { type ProviderServer, ProviderService } from "../wire/generated/tfplugin6";
import { absentRpcs } from "./absent-rpcs";
import type { Calls } from "./calls";
import { dataRpcs } from "./data-rpcs";
import { brokerRpcs, controllerRpcs, healthRpcs, stdioRpcs } from "./goplugin-rpcs";
import { providerRpcs } from "./provider-rpcs";
import { resourceRpcs } from "./resource-rpcs";

/** The gRPC server with everything that Terraform may call. `finish` is called once Shutdown has been answered. */
export function createServer(calls: Calls, finish: () => void): Server {
  // A state or a schema may be larger than gRPC's usual limit of 4 MB.
  // Nobody asks for gRPC's statistics of each call (channelz).
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1, "grpc.enable_channelz": 0 });
  const provider: ProviderServer = {
    ...providerRpcs(calls),
    ...resourceRpcs(calls),
    ...dataRpcs(calls),
    ...absentRpcs,
    stopProvider: (_call, answer) => {
      calls.abort();
      calls.provider().then((p) => p.stop()).then(
        () => answer(null, { Error: "" }),
        (error: unknown) => answer(null, { Error: calls.redactor.text(error instanceof Error ? error.message : String(error)) }),
      );
    },
  };
  server.addService(ProviderService, provider);
  server.addService(GRPCControllerService, controllerRpcs(finish));
  server.addService(GRPCStdioService, stdioRpcs);
  server.addService(GRPCBrokerService, brokerRpcs);
  server.addService(HealthService, healthRpcs);
  return server;
}
