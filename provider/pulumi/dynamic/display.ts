import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Where messages go. The host does not know the resource's URN, so they appear beside the stack. */
export interface Display {
  /** Only shown with `pulumi --debug`. */
  debug(text: string): void;
  /** Shown until the next message, and not kept. */
  progress(text: string): void;
  warn(text: string): void;
  /** Resolves when all messages so far have arrived. */
  said(): Promise<void>;
}

const severities = { debug: LogSeverity.DEBUG, info: LogSeverity.INFO, warning: LogSeverity.WARNING } as const;

/** The engine's address, which is the host's last argument; null: the process is no host. */
export function engineAddress(argv: readonly string[]): string | null {
  const address = argv[argv.length - 1] ?? "";
  return /^(127\.0\.0\.1|localhost|\[::1\]):\d+$/.test(address) ? address : null;
}

/** The engine's display, if the host was given the engine's address; else standard error. */
export function displayOf(argv: readonly string[], stderr: (text: string) => void): Display {
  const address = engineAddress(argv);
  if (address === null) {
    return {
      debug: () => undefined,
      progress: stderr,
      warn: (text) => stderr(`warning: ${text}`),
      said: () => Promise.resolve(),
    };
  }
  let client: Client | null = null;
  let sending: Promise<void> = Promise.resolve();
  const log = (severity: keyof typeof severities, text: string, ephemeral: boolean): void => {
    // Not the client of @pulumi/pulumi, which requires credentials from its own copy of grpc.
    const { path, requestSerialize, responseDeserialize } = EngineService.log;
    const engine = (client ??= new Client(address, credentials.createInsecure()));
    const request = new LogRequest().setSeverity(severities[severity]).setMessage(text).setEphemeral(ephemeral);
    const options = { deadline: Date.now() + 2000 };
    // One after the other, so that the lines of a build log keep their order. A missing display must not fail the call.
    sending = sending.then(
      () =>
        new Promise((resolve) =>
          engine.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, new Metadata(), options, () =>
            resolve(),
          ),
        ),
    );
  };
  return {
    debug: (text) => log("debug", text, false),
    progress: (text) => log("info", text, true),
    warn: (text) => log("warning", text, false),
    said: () => sending,
  };
}
