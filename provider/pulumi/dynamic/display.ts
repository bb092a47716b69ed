import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Where messages go. The host knows no resource by its URN, so they appear beside the stack. */
export interface Display {
  /** With `pulumi --debug` only. */
  debug(text: string): void;
  /** Shown until the next message comes, and kept nowhere. */
  progress(text: string): void;
  warn(text: string): void;
  /** Resolves when everything said so far has arrived. */
  said(): Promise<void>;
}

const severities = { debug: LogSeverity.DEBUG, info: LogSeverity.INFO, warning: LogSeverity.WARNING } as const;

/** The engine's own display where the host was told its address (the last of its arguments), else standard error. */
export function displayOf(argv: readonly string[], stderr: (text: string) => void): Display {
  const address = argv[argv.length - 1] ?? "";
  if (!/^(127\.0\.0\.1|localhost|\[::1\]):\d+$/.test(address)) {
    return { debug: () => undefined, progress: stderr, warn: (text) => stderr(`warning: ${text}`), said: () => Promise.resolve() };
  }
  let client: Client | null = null;
  let sending: Promise<void> = Promise.resolve();
  const log = (severity: keyof typeof severities, text: string, ephemeral: boolean): void => {
    // Not the client that @pulumi/pulumi makes: it wants credentials of its own copy of grpc, which need not be ours.
    const { path, requestSerialize, responseDeserialize } = EngineService.log;
    const engine = (client ??= new Client(address, credentials.createInsecure()));
    const request = new LogRequest().setSeverity(severities[severity]).setMessage(text).setEphemeral(ephemeral);
    const options = { deadline: Date.now() + 2000 };
    // One after the other, so that lines of a build log keep their order. A display that is gone is no reason to fail.
    sending = sending.then(() => new Promise((resolve) => engine.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, new Metadata(), options, () => resolve())));
  };
  return {
    debug: (text) => log("debug", text, false),
    progress: (text) => log("info", text, true),
    warn: (text) => log("warning", text, false),
    said: () => sending,
  };
}
