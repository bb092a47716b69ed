import type { GRPCBrokerServer, GRPCControllerServer, GRPCStdioServer } from "../wire/generated/goplugin";
import { type HealthServer, HealthCheckResponse_ServingStatus } from "../wire/generated/health";

/** Keeps a stream open until the client closes it. Terraform opens these streams but sends nothing useful on them. */
const held = (call: { on(event: "cancelled" | "data" | "error", listener: () => void): unknown; end(): unknown }) => {
  call.on("cancelled", () => call.end());
  call.on("error", () => undefined);
};

/** Output goes to the real stdout and stderr, so this stream stays empty. */
export const stdioRpcs: GRPCStdioServer = { streamStdio: (call) => held(call) };

/** For plugins that open additional connections; this one does not. */
export const brokerRpcs: GRPCBrokerServer = {
  startStream: (call) => {
    call.on("data", () => undefined);
    call.on("end", () => call.end());
    held(call);
  },
};

export const healthRpcs: HealthServer = {
  check: (_call, answer) => answer(null, { status: HealthCheckResponse_ServingStatus.SERVING }),
  watch: (call) => {
    call.write({ status: HealthCheckResponse_ServingStatus.SERVING });
    held(call);
  },
};

/** Without Shutdown, Terraform would wait two seconds for each provider process to end. */
export const controllerRpcs = (finish: () => void): GRPCControllerServer => ({
  shutdown: (_call, answer) => {
    answer(null, {});
    finish();
  },
});
