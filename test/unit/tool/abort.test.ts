import { readFile } from "node:fs/promises";
import { isAbort } from "../../../provider/tool/abort";
import { TransportError } from "../../../provider/api/http/transport";

const aborted = (reason?: unknown): AbortSignal => AbortSignal.abort(reason);

test("the signal's own reason, bare or as a cause", () => {
  const reason = new Error("interrupted");
  expect(isAbort(reason, aborted(reason))).toBe(true);
  expect(isAbort(new Error("reading failed", { cause: new Error("inner", { cause: reason }) }), aborted(reason))).toBe(
    true,
  );
});

test("an abort in the words of Node and of the API's client", async () => {
  const signal = aborted(new Error("interrupted"));
  const thrown: unknown = await readFile(__filename, { signal }).catch((error: unknown) => error);
  expect((thrown as Error).name).toBe("AbortError");
  expect(isAbort(thrown, signal)).toBe(true);
  expect(isAbort(new TransportError("the call ended before the response arrived", "ABORTED", true), signal)).toBe(true);
});

test("a reason of any type", () => {
  expect(isAbort("stop", aborted("stop"))).toBe(true);
  expect(isAbort("other", aborted("stop"))).toBe(false);
});

test("a failure of its own after the interrupt stays a failure", () => {
  expect(isAbort(new TypeError("x is not a function"), aborted())).toBe(false);
  expect(isAbort(null, aborted())).toBe(false);
  expect(isAbort(undefined, aborted())).toBe(false);
});

test("an abort without an interrupt of this call is a failure", () => {
  expect(isAbort(new DOMException("aborted", "AbortError"), new AbortController().signal)).toBe(false);
});

test("causes in a circle end", () => {
  const error = new Error("circle");
  error.cause = error;
  expect(isAbort(error, aborted())).toBe(false);
});
