import type { GRPCBrokerServer, GRPCControllerServer, GRPCStdioServer } from "../wire/generated/goplugin";
import { type HealthServer, HealthCheckResponse_ServingStatus } from "../wire/generated/health";

/** Ends with the other side: Terraform opens these streams and never sends anything of use on them. */
const held = (call: { on(event: "cancelled" | "data" | "error", listener: () => void): unknown; end(): unknown }) => {
  call.on("cancelled", () => call.end());
  call.on("error", () => undefined);
};

/** Output goes to the real stdout and stderr, so nothing comes by this way. */
export const stdioRpcs: GRPCStdioServer = { streamStdio: (call) => held(call) };

/** For plugins that open connections of their own; we do not. */
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

/** Terraform waits two seconds for a provider that does not know Shutdown, each time it has started one. */
export const controllerRpcs = (finish: () => void): GRPCControllerServer => ({
  shutdown: (_call, answer) => {
    answer(null, {});
    finish();
  },
});
