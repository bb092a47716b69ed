import type { Io } from "../io";

/** `NO_COLOR` and `FORCE_COLOR` decide, else whether stdout is a terminal. */
export function colored(io: Io): boolean {
  if (io.env["NO_COLOR"]) return false;
  if (io.env["FORCE_COLOR"] && io.env["FORCE_COLOR"] !== "0") return true;
  return io.outColumns !== undefined;
}
