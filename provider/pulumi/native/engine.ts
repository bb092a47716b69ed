import { Metadata, credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

export type Severity = "debug" | "info" | "warning" | "error";

const severities = { debug: LogSeverity.DEBUG, info: LogSeverity.INFO, warning: LogSeverity.WARNING, error: LogSeverity.ERROR };

/** The engine's display. Without an engine (a test), what is said is lost. */
export class Engine {
  #client: EngineClient | null = null;
  #address: string | null = null;
  /** What is on its way, in order. */
  #sending: Promise<void> = Promise.resolve();

  connect(address: string): void {
    if (address === "" || address === this.#address) return;
    this.close();
    this.#address = address;
    this.#client = new EngineClient(address, credentials.createInsecure());
  }

  /** `ephemeral`: shown beside the resource until the next message, and kept nowhere. */
  log(severity: Severity, message: string, urn: string, ephemeral = false): void {
    const client = this.#client;
    if (client === null) return;
    const request = new LogRequest();
    request.setSeverity(severities[severity]);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    // One after the other, so that lines of a build log keep their order. A display that is gone is no reason to fail.
    this.#sending = this.#sending.then(() => new Promise((resolve) => client.log(request, new Metadata(), { deadline: Date.now() + 2000 }, () => resolve())));
  }

  /** Resolves when everything said so far has arrived. */
  said(): Promise<void> {
    return this.#sending;
  }

  close(): void {
    this.#client?.close();
    this.#client = null;
    this.#address = null;
  }
}
