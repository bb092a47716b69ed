import { ProxyError } from "../../api/http/proxy";
import { printableLine } from "../../kit/text/printable";
import type { Credentials } from "../image-registry/credentials";
import { redacted, registryError, type HttpAnswer, RegistryError, TOO_LARGE } from "../image-registry/errors";
import type { ImageResolution } from "./contract";
import type { FoundCredentials } from "./credentials/find";
import { CredentialsProblem } from "./credentials/problem";
import type { ImageReference } from "./reference";

export type Unresolved = Exclude<ImageResolution, { kind: "resolved" }>;

/** Of what a registry says, in characters. */
const LONGEST = 300;

/** @param found null: nobody in particular asked */
export function refusedAnswer(
  answer: HttpAnswer,
  reference: ImageReference,
  found: FoundCredentials | null,
): Unresolved {
  const { host, written } = reference;
  const { status } = answer;
  const error = registryError(answer);
  const said = saidBy(error, found);
  // Another host than the registry, which is asked without credentials.
  if (answer.host !== undefined) {
    const speaker = `${answer.host}, to which ${host} redirected the request,`;
    return { kind: status === 401 || status === 403 ? "refused" : "unasked", reason: `${speaker} returned ${said}` };
  }
  if (status === 404) return { kind: "missing", reason: `${host} has no image "${written}"` };
  if (status === 401 || status === 403) return refused(reference, found, said);
  return { kind: "unasked", reason: failing(host, status, said) };
}

/** What a token service answered. */
function refusedToken(error: RegistryError, reference: ImageReference, found: FoundCredentials | null): Unresolved {
  const said = saidBy(error, found);
  const { status } = error;
  // OAuth 2 says 400 of a refresh token that is not valid any more.
  const denied = status === 401 || status === 403 || (status === 400 && found !== null);
  if (denied) return refused(reference, found, said);
  return { kind: "unasked", reason: failing(`the token service of ${reference.host}`, status, said) };
}

function refused({ host, written }: ImageReference, found: FoundCredentials | null, said: string): Unresolved {
  return {
    kind: "refused",
    reason:
      found === null
        ? `${host} does not provide "${written}" without credentials, and Docker has none for it on this machine: the image is private or does not exist (${said})`
        : `${host} does not provide "${written}" with the credentials from ${found.from}: they are wrong or do not allow it, or the image does not exist (${said})`,
  };
}

function failing(speaker: string, status: number, said: string): string {
  return status === 429
    ? `${speaker} accepts no more requests for now: its rate limit is exceeded (${said})`
    : `${speaker} returned ${said}`;
}

/** `401 UNAUTHORIZED: authentication required` */
function saidBy(error: RegistryError, found: FoundCredentials | null): string {
  const [head, text] = [[error.status, error.code].join(" ").trim(), error.message];
  return plain(text === "" ? head : `${head}: ${text}`, found?.credentials ?? null);
}

/** What was thrown on the way to an answer; null: a fault of this program. */
export function thrownReason(
  thrown: unknown,
  reference: ImageReference,
  found: FoundCredentials | null,
): Unresolved | null {
  if (thrown instanceof CredentialsProblem || thrown instanceof ProxyError)
    return { kind: "unasked", reason: plain(thrown.message, null) };
  if (!(thrown instanceof RegistryError)) return null;
  if (thrown.status !== 0) return refusedToken(thrown, reference, found);
  const { host } = reference;
  const { code } = thrown;
  const message = plain(thrown.message, found?.credentials ?? null);
  if (!isConnection(thrown) && !isBroken(thrown))
    return { kind: "unasked", reason: `${host} cannot be asked: ${message}` };
  return {
    kind: "unasked",
    reason: /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_)/.test(code)
      ? `the certificate of ${host} is not trusted (${code}); for a private certificate authority, set NODE_EXTRA_CA_CERTS to its file`
      : `${host} cannot be reached: ${message.includes(code) ? message : `${message} (${code})`}`,
  };
}

/** Whether what was thrown is so for every image of the registry: no connection came about, or its token service limits the rate. */
export function isOfHost(thrown: unknown): boolean {
  return isConnection(thrown) || (thrown instanceof RegistryError && thrown.status === 429);
}

/** Whether no connection came about. */
function isConnection(thrown: unknown): thrown is RegistryError {
  return (
    thrown instanceof RegistryError &&
    thrown.status === 0 &&
    thrown.code !== "" &&
    thrown.code !== TOO_LARGE &&
    !isBroken(thrown)
  );
}

/** Whether a connection broke, as one does that was kept too long. */
export function isBroken(thrown: unknown): boolean {
  return (
    thrown instanceof RegistryError && thrown.status === 0 && /^(ECONNRESET|EPIPE|ConnectionClosed)$/.test(thrown.code)
  );
}

/** A text of others within a sentence: one line, not too long, without the end of a sentence and without credentials. */
function plain(text: string, credentials: Credentials): string {
  const secrets =
    credentials === null
      ? { username: "", secret: "" }
      : "secret" in credentials
        ? credentials
        : { username: "", secret: credentials.identityToken };
  return redacted(printableLine(text), secrets).slice(0, LONGEST).trim().replace(/\.+$/, "");
}
