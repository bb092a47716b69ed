import { connect } from "node:net";

/** How long an answer of a busy machine may take, in ms. */
const PATIENCE = 10_000;

/**
 * Calls `gone` when nothing listens any more at an address of this machine that was once reachable. A killed engine notifies nobody, and where
 * a launcher stands between it and this process, that one stays the parent. Polls once a second.
 * @param address `127.0.0.1:1234`
 */
export function watchEngine(address: string, gone: () => void, everyMs = 1000): () => void {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
  let met = false;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    if (!ended) timer = setTimeout(ask, everyMs).unref();
  };
  const ask = (): void => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ""), port: Number(port), timeout: PATIENCE });
    socket.unref();
    socket.once("connect", () => {
      met = true;
      socket.destroy();
      again();
    });
    socket.once("timeout", () => {
      socket.destroy();
      again();
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      // Anything else, such as a lack of ports, says nothing about the engine.
      if (error.code !== "ECONNREFUSED" || !met) return again();
      ended = true;
      gone();
    });
  };
  ask();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
