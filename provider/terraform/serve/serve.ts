import { ServerCredentials } from "@grpc/grpc-js";
import type { TfProvider } from "../types";
import { Calls } from "./calls";
import { createCertificate } from "./certificate";
import { handshakeLine, reattachVariable, refusal } from "./handshake";
import { listen } from "./listen";
import { createLog, logThreshold, writeAll } from "./log";
import { watchParent } from "../../process/parent";
import { Redactor, environmentSecrets } from "../../tool/redactor";
import { createServer } from "./server";

/** How long calls under way get to answer (an id must not be lost) before the process ends after all, in ms. */
const grace = 3000;

/**
 * Serves a provider to the Terraform or OpenTofu that started this process, until it says Shutdown or dies.
 * `create` is called after the handshake, so what it loads costs the start nothing.
 * With `--debug`: serves without TLS until interrupted, and prints what to set TF_REATTACH_PROVIDERS to.
 * Exits 1 with an explanation on stderr when it was not started by Terraform.
 */
export async function serve(create: () => TfProvider | Promise<TfProvider>, argv = process.argv.slice(2), env = process.env): Promise<void> {
  const debug = argv.includes("--debug") || argv.includes("-debug");
  const reason = debug ? undefined : refusal(env);
  if (reason !== undefined) {
    writeAll(2, `${reason}\n`);
    process.exit(1);
  }

  const redactor = new Redactor(environmentSecrets(env));
  const log = createLog(logThreshold(env), (text) => redactor.text(text));
  let made: Promise<TfProvider> | undefined;
  const provider = () => (made ??= Promise.resolve().then(create));
  const calls = new Calls(provider, redactor, log);

  let remove = () => {};
  let ending = false;
  const finish = (code: number): void => {
    if (ending) return;
    ending = true;
    remove();
    const exit = () => process.exit(code);
    setTimeout(exit, 500).unref();
    void (made ?? Promise.resolve(undefined)).then((p) => p?.close()).then(exit, exit);
  };
  const finishAfterCalls = (code: number): void => {
    calls.abort();
    setTimeout(() => finish(code), grace).unref();
    // gRPC does not say when an answer has left: it gets a moment.
    void calls.settled().then(() => setTimeout(() => finish(code), 200));
  };

  const crash = (error: unknown): void => {
    const text = error instanceof Error ? error.stack ?? error.message : String(error);
    // Terraform shows what follows "panic:" to the user. Calls under way still get to answer with what they made.
    writeAll(2, redactor.text(`panic: ${text}\n`));
    finishAfterCalls(2);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);

  // Ctrl-C reaches the whole process group; Terraform then says StopProvider, and needs the answers.
  process.on("SIGINT", () => { if (debug) finish(0); });
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => finishAfterCalls(0));

  // After the answer to Shutdown has most likely left; Terraform does not mind if it has not.
  const server = createServer(calls, () => { if (!debug) setTimeout(() => finish(0), 20); });

  if (debug) {
    const listening = await listen(server, ServerCredentials.createInsecure(), env, process.platform);
    remove = listening.remove;
    writeAll(1, `Set this where you run terraform or tofu; end with Ctrl-C:\n\n\tTF_REATTACH_PROVIDERS='${reattachVariable(listening, process.pid)}'\n`);
    return;
  }

  const certificate = createCertificate(new Date());
  const clientCertificate = env.PLUGIN_CLIENT_CERT;
  const credentials = clientCertificate
    ? ServerCredentials.createSsl(Buffer.from(clientCertificate),
      [{ private_key: Buffer.from(certificate.keyPem), cert_chain: Buffer.from(certificate.certPem) }], true)
    : ServerCredentials.createInsecure();
  const listening = await listen(server, credentials, env, process.platform);
  remove = listening.remove;
  watchParent(() => finish(0));
  writeAll(1, handshakeLine(listening, clientCertificate ? certificate.der : undefined));
  setImmediate(() => { provider().catch(() => undefined); }); // a failure is told by the first call
}
