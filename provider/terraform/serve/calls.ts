import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import type { TfProvider } from "../types";
import type { Diagnostic } from "../wire/generated/tfplugin6";
import type { Log } from "./log";
import type { Redactor } from "../../tool/redactor";
import { Scope } from "./scope";

/** The calls under way: how they are run, stopped, and waited for. */
export class Calls {
  private readonly running = new Set<AbortController>();
  private idle: (() => void)[] = [];

  constructor(
    /** Made once, at the first call that needs it. */
    readonly provider: () => Promise<TfProvider>,
    readonly redactor: Redactor,
    private readonly log: Log,
  ) {}

  /** Interrupt: everything under way is aborted; later calls are not. */
  abort(): void {
    for (const controller of this.running) controller.abort(new Error("interrupted"));
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    return this.running.size === 0 ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }

  private done(controller: AbortController): void {
    this.running.delete(controller);
    if (this.running.size > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  /**
   * A handler for gRPC. Whatever `work` throws becomes a diagnostic; `without` is the answer then (for an apply: the state
   * as it was).
   */
  unary<Request, Response extends { diagnostics: Diagnostic[] }>(
    rpc: string,
    work: (request: Request, scope: Scope, provider: TfProvider) => Promise<Response>,
    without: (request: Request) => Response,
  ): (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => void {
    return (call, answer) => {
      const controller = new AbortController();
      this.running.add(controller);
      // gRPC says so of a call that has been answered as well.
      call.on("cancelled", () => { if (this.running.has(controller)) controller.abort(new Error("cancelled")); });
      const scope = new Scope(rpc, { signal: controller.signal, log: this.log }, this.redactor);
      const run = async (): Promise<Response> => {
        try {
          return await work(call.request, scope, await this.provider());
        } catch (error) {
          scope.thrown(error);
          return without(call.request);
        }
      };
      void run().then((response) => {
        answer(null, { ...response, diagnostics: scope.diagnostics });
        this.done(controller);
      });
    };
  }
}
