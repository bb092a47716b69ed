import { Metadata, credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

export type Severity = "debug" | "info" | "warning" | "error";

const severities = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

/** The engine's display. Without an engine, in tests, messages are dropped. */
export class Engine {
  #client: EngineClient | null = null;
  #address: string | null = null;
  /** Messages that are being sent, in order. */
  #sending: Promise<void> = Promise.resolve();

  connect(address: string): void {
    if (address === "" || address === this.#address) return;
    this.close();
    this.#address = address;
    this.#client = new EngineClient(address, credentials.createInsecure());
  }

  /** `ephemeral`: shown beside the resource until the next message, and not kept. */
  log(severity: Severity, message: string, urn: string, ephemeral = false): void {
    const client = this.#client;
    if (client === null) return;
    const request = new LogRequest();
    request.setSeverity(severities[severity]);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    // One after the other, so that the lines of a build log keep their order. A missing display must not fail the call.
    this.#sending = this.#sending.then(
      () =>
        new Promise((resolve) => client.log(request, new Metadata(), { deadline: Date.now() + 2000 }, () => resolve())),
    );
  }

  /** Resolves when all messages so far have arrived. */
  said(): Promise<void> {
    return this.#sending;
  }

  close(): void {
    this.#client?.close();
    this.#client = null;
    this.#address = null;
  }
}
