import { Server, ServerCredentials } from "@grpc/grpc-js";
import { writeSync } from "node:fs";
import type { createService } from "./service";

/** How long calls in progress may take to answer before the process exits, in ms. An ID must not be lost. */
const GRACE = 3000;

/**
 * Serves the native provider to the engine that started this process. Prints the port on standard output, and nothing before it. `load` is
 * called after that, with the port, so that what it loads does not delay the start; the first request waits for it.
 */
export async function serve(
  load: (port: number) => ReturnType<typeof createService>,
  watchParent: (gone: () => void) => void,
): Promise<void> {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  writeSync(1, `${port}\n`);
  // In the same turn of the event loop, before any request is handled.
  const { definition, handlers, provider } = load(port);
  server.addService(definition, handlers);

  let ending = false;
  const end = (code: number): void => {
    if (ending) return;
    ending = true;
    provider.calls.abort();
    const exit = (): void => process.exit(code);
    setTimeout(exit, GRACE).unref();
    void provider.calls.settled().then(() =>
      setTimeout(() => {
        provider.close();
        exit();
      }, 5),
    );
  };
  // The engine ends the plugin with an interrupt and waits 5 s. Ctrl-C arrives as Cancel; if it also arrives as a signal, the calls in
  // progress have to be answered first.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"] as const) process.on(signal, () => end(0));
  const crash = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    writeSync(2, `${provider.clean(text)}\n`);
    end(2);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  watchParent(() => end(0));
}
