import type { RegistryAccess } from "../../../api/types";
import { capital } from "../../../snapshot/tool-words";
import { Failure } from "../../call/errors";
import { lines, sentence } from "../../messages/api-failure";
import type { PushTarget } from "./push-request";

/** An answer of the registry or its token service. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** A registry, or the engine that pushes to it, refused or did not answer. Holds no credentials. */
export class RegistryError extends Error {
  /**
   * @param status 0: no answer of the registry came
   * @param code the registry's error code, or the name of a system error
   * @param by what reported it, if not the registry itself
   */
  constructor(readonly status: number, readonly code: string, message: string, readonly by: string | null = null) {
    super(message);
    this.name = "RegistryError";
  }
}

/** What an answer says about its failure: `{"errors": [{"code", "message"}]}`. */
export function registryError({ status, body }: HttpAnswer): RegistryError {
  try {
    const { errors, details } = JSON.parse(body.toString("utf8")) as { errors?: { code?: string; message?: string }[]; details?: string };
    const [first] = errors ?? [];
    return new RegistryError(status, first?.code ?? "", first?.message ?? details ?? "");
  } catch {
    return new RegistryError(status, "", "");
  }
}

/** Whether the same request may succeed a moment later. */
export function isPassing({ status, code }: Pick<RegistryError, "status" | "code">): boolean {
  if (status === 0) return /^(E[A-Z_]+|Connection\w+|FailedToOpenSocket|DNS\w*)$/.test(code) && !/^(ERR_TLS|ERR_SSL|EPROTO|ERR_INVALID)/.test(code);
  return status === 408 || status === 429 || status >= 500;
}

export function redacted(text: string, { username, secret }: RegistryAccess): string {
  return [secret, username].reduce((clean, value) => (value.length < 4 ? clean : clean.split(value).join("[redacted]")), text);
}

/** The message of what no retry has mended. */
export function registryFailure(target: PushTarget, thrown: unknown, access: RegistryAccess): Failure {
  const { doing, host, written } = target;
  const failure = (headline: string, ...detail: string[]): Failure => new Failure({ summary: `${doing}: ${headline}`, detail: lines(...detail, "No snapshot was created."), attribute: ["localImage"] });
  if (!(thrown instanceof RegistryError)) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES" || code === "EIO") return failure("cannot read the image archive", sentence(`"${written}" changed or became unreadable while it was pushed: ${code}: ${message}`), "Write the archive again.");
    throw thrown;
  }
  const { status, code, by } = thrown;
  const text = redacted(thrown.message, access).replace(/\.$/, "");
  if (by !== null) {
    const denied = /denied|unauthorized|authentication required/i.test(text);
    const full = /no space left/i.test(text);
    return failure(denied ? "the registry denied the push" : "the push failed", sentence(`${capital(by)} could not push "${written}" to ${host}: ${text}`),
      full ? "Free disk space on the machine of the engine (`docker system df` shows what uses it), then try again."
      : denied ? "Ask the operator of the Daytona server to check the credentials of its transient registry."
      : `Check that the engine can reach ${host}: engines have their own proxy settings and certificates.`);
  }
  if (status === 0) return failure("cannot reach the registry", sentence(`"${written}" could not be pushed to ${host}: ${[code, text].filter((part) => part !== "").join(": ")}`), "The API named this registry. Check that this machine can reach it, and whether it needs a proxy (HTTPS_PROXY).");
  const said = sentence(`${host} answered ${[status, code].join(" ").trim()}${text === "" ? "" : `: ${text}`}`);
  if (status === 401) return failure("the registry rejected the credentials", said, "The API has just issued them. Ask the operator of the Daytona server to check its transient registry.");
  if (status === 403) return failure("the registry denied the push", said, `The API's temporary credentials must allow pushing to "${target.repository}". Ask the operator of the Daytona server to check its transient registry, and the quota of its project.`);
  if (status === 413) return failure("the registry rejected the size of the image", said, "A proxy in front of the registry limits the size of a request, or the project is full. Ask the operator of the Daytona server.");
  if (isPassing(thrown)) return failure("the registry is busy or failing", said, "Try again later.");
  return failure("the registry rejected the image", said, "Ask the operator of the Daytona server to check its transient registry.");
}
