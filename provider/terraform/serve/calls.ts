import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import type { TfProvider } from "../types";
import type { Diagnostic } from "../wire/generated/tfplugin6";
import type { Log } from "./log";
import { Redactor } from "../../tool/redactor";
import { cleanFields } from "./redact";
import { Scope } from "./scope";

/** The calls in progress: runs them, aborts them, and waits for them. */
export class Calls {
  private readonly running = new Set<AbortController>();
  private idle: (() => void)[] = [];
  /** Sensitive values of all resources. A request is logged by the connection, which does not know whose it is. */
  private readonly resources = new Redactor();

  constructor(
    /** Creates the provider once, with the first call that needs it. */
    readonly provider: () => Promise<TfProvider>,
    readonly redactor: Redactor,
    private readonly rawLog: Log,
  ) {}

  private readonly log: Log = (level, message, fields = {}) =>
    this.rawLog(level, this.resources.text(message), cleanFields(fields, this.resources));

  /** A text without the secrets of the provider and of all resources. */
  clean(text: string): string {
    return this.resources.text(this.redactor.text(text));
  }

  /** Aborts all calls in progress, after an interrupt. Later calls still run. */
  abort(): void {
    for (const controller of this.running) controller.abort(new Error("interrupted"));
  }

  /** Resolves when no call is in progress. */
  settled(): Promise<void> {
    return this.running.size === 0 ? Promise.resolve() : new Promise((resolve) => this.idle.push(resolve));
  }

  private done(controller: AbortController): void {
    this.running.delete(controller);
    if (this.running.size > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  /** Runs a call to its end, with a signal that its cancellation and an interrupt abort. `work` must not throw. */
  run<Answer>(rpc: string, call: Cancellable, work: (scope: Scope) => Promise<Answer>): Promise<Answer> {
    const controller = new AbortController();
    this.running.add(controller);
    // gRPC also emits this for a call that has been answered.
    call.on("cancelled", () => {
      if (this.running.has(controller)) controller.abort(new Error("cancelled"));
    });
    const scope = new Scope(rpc, { signal: controller.signal, log: this.log }, this.redactor, this.resources);
    return work(scope).finally(() => this.done(controller));
  }

  /**
   * Makes a gRPC handler. If `work` throws, the error becomes a diagnostic and `without` is the answer (for an apply: the unchanged state).
   */
  unary<Request, Response extends { diagnostics: Diagnostic[] }>(
    rpc: string,
    work: (request: Request, scope: Scope, provider: TfProvider) => Promise<Response>,
    without: (request: Request) => Response,
  ): (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => void {
    return (call, answer) => {
      void this.run(rpc, call, async (scope) => {
        let response: Response;
        try {
          response = await work(call.request, scope, await this.provider());
        } catch (error) {
          scope.thrown(error);
          response = without(call.request);
        }
        answer(null, { ...response, diagnostics: scope.diagnostics });
      });
    };
  }
}

/** A call of gRPC, of any kind. */
interface Cancellable {
  on(event: "cancelled", listener: () => void): unknown;
}
