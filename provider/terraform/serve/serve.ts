import { watchParent } from "../../process/parent";
import { Redactor, environmentSecrets } from "../../tool/redactor";
import type { TfProvider } from "../types";
import type { Calls } from "./calls";
import { createCertificate } from "../../kit/certificate";
import { failureLine, handshakeLine, reattachVariable, refusal } from "./handshake";
import { listen, type Listening } from "./listen";
import { createLog, logThreshold, writeAll } from "./log";

/** How long calls in progress may take to answer before the process exits, in ms. An ID must not be lost. */
const grace = 3000;

/**
 * Serves a provider to the Terraform or OpenTofu that started this process, until it sends Shutdown or dies.
 * `create` is called after the handshake, so that what it loads does not delay the start. `schema` returns the encoded
 * GetProviderSchema_Response; by default it is built from the provider.
 * With `--debug`, serves without TLS until interrupted, and prints the value for TF_REATTACH_PROVIDERS.
 * Exits 1 with an explanation on stderr when it was not started by Terraform.
 */
export async function serve(
  create: () => TfProvider | Promise<TfProvider>,
  schema?: () => Buffer,
  argv = process.argv.slice(2),
  env = process.env,
): Promise<void> {
  const debug = argv.includes("--debug") || argv.includes("-debug");
  if (!debug) exitUnlessStartedByTool(env);

  const redactor = new Redactor(environmentSecrets(env));
  const log = createLog(logThreshold(env), (text) => redactor.text(text));
  let made: Promise<TfProvider> | undefined;
  const provider = () => (made ??= Promise.resolve().then(create));
  const { listening, der } = await listenOrExit(env, debug, redactor);
  let calls: Calls | undefined;

  let ending = false;
  const finish = (code: number): void => {
    if (ending) return;
    ending = true;
    listening.close();
    const exit = () => process.exit(code);
    setTimeout(exit, 500).unref();
    void (made ?? Promise.resolve(undefined)).then((p) => p?.close()).then(exit, exit);
  };
  const finishAfterCalls = (code: number): void => {
    calls?.abort();
    setTimeout(() => finish(code), grace).unref();
    // gRPC does not report when an answer has been sent, so it gets a moment.
    void (calls?.settled() ?? Promise.resolve()).then(() => setTimeout(() => finish(code), 200));
  };

  const crash = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    // Terraform shows the user what follows "panic:". Calls in progress can still return what they created.
    writeAll(2, calls?.clean(`panic: ${text}\n`) ?? redactor.text(`panic: ${text}\n`));
    finishAfterCalls(2);
  };
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);

  // Ctrl-C reaches the whole process group. Terraform then sends StopProvider and needs the answers.
  process.on("SIGINT", () => {
    if (debug) finish(0);
  });
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => finishAfterCalls(0));

  /** Loads gRPC in steps, so that TLS handshakes can proceed in between. */
  const startServing = async (): Promise<void> => {
    /* eslint-disable @typescript-eslint/no-require-imports -- loaded after the handshake, for a fast start */
    require("node:http2");
    await turn();
    require("@grpc/grpc-js");
    await turn();
    const { createCalls, createServer, injector } = require("./server") as typeof import("./server");
    calls = createCalls(provider, redactor, log);
    // Exits at once: Terraform waits for the process to end, not for the answer. go-plugin also stops its server before it answers.
    const server = createServer(
      calls,
      () => {
        if (!debug) setImmediate(() => finish(0));
      },
      schema,
    );
    listening.serve(injector(server));
  };

  if (debug) {
    await startServing();
    writeAll(
      1,
      `Set this in the shell where you run terraform or tofu. Press Ctrl-C to stop.\n\n\tTF_REATTACH_PROVIDERS='${reattachVariable(listening, process.pid)}'\n`,
    );
    return;
  }
  watchParent(() => finish(0));
  writeAll(1, handshakeLine(listening, der));
  // Terraform reads the line and connects while gRPC loads.
  await startServing();
  setImmediate(() => {
    provider().catch(() => undefined);
  }); // the first call reports a failure
}

function exitUnlessStartedByTool(env: NodeJS.ProcessEnv): void {
  const reason = refusal(env);
  if (reason === undefined) return;
  writeAll(2, `${reason}\n`);
  process.exit(1);
}

/** Opens the socket, with TLS if the tool sends a certificate. `der`: the certificate of this process, for the handshake. */
async function listenOrExit(
  env: NodeJS.ProcessEnv,
  debug: boolean,
  redactor: Redactor,
): Promise<{ listening: Listening; der: Buffer | undefined }> {
  const clientCertPem = debug ? undefined : env.PLUGIN_CLIENT_CERT;
  try {
    const certificate = clientCertPem ? await createCertificate(new Date()) : undefined;
    const tls = certificate && clientCertPem ? { ...certificate, clientCertPem } : undefined;
    return { listening: await listen(env, process.platform, tls), der: certificate?.der };
  } catch (error) {
    const text = redactor.text(
      `The Daytona provider cannot start: ${error instanceof Error ? error.message : String(error)}`,
    );
    if (!debug) writeAll(1, failureLine(text));
    writeAll(2, `${text}\n`);
    process.exit(1);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
