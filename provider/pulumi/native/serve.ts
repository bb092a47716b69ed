import { Server, ServerCredentials } from "@grpc/grpc-js";
import { writeSync } from "node:fs";
import type { createService } from "./service";

/** How long calls under way get to answer (an id must not be lost) before the process ends after all, in ms. */
const GRACE = 3000;

/**
 * Serves the native provider to the engine that started this process: the port on standard output, nothing before it.
 * `load` is called after that, so what it loads costs the start nothing; a first request waits for it.
 */
export async function serve(load: () => ReturnType<typeof createService>, watchParent: (gone: () => void) => void): Promise<void> {
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  const port = await new Promise<number>((resolve, reject) => server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
  writeSync(1, `${port}\n`);
  // In the same turn of the event loop: no request is looked at before.
  const { definition, handlers, provider } = load();
  server.addService(definition, handlers);

  let ending = false;
  const end = (code: number): void => {
    if (ending) return;
    ending = true;
    provider.calls.abort();
    const exit = (): void => process.exit(code);
    setTimeout(exit, GRACE).unref();
    void provider.calls.settled().then(() => setTimeout(() => {
      provider.close();
      exit();
    }, 5));
  };
  // The engine says goodbye with an interrupt, and waits 5 s for the end. A user's Ctrl-C comes as Cancel; should it come
  // as a signal as well, the calls under way have to be answered first.
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
