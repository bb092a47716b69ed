import { ProxyError } from "../../../api/http/proxy";
import type { RegistryAccess } from "../../../api/types";
import { capital } from "../../../kit/words";
import { Failure } from "../../call/errors";
import { isPassing, redacted, RegistryError, TOO_LARGE, UnsafeAddress } from "../../image-registry/errors";
import { lines, sentence } from "../../messages/api-failure";
import type { PushTarget } from "./push-request";

/** Whether the upload of a blob may succeed from its beginning: what passes, and an upload that the registry has forgotten. */
export function isWorthRestarting(error: unknown): boolean {
  return (
    error instanceof RegistryError &&
    (isPassing(error) || (error.uploading && (error.status === 404 || error.status === 416)))
  );
}

/** A headline, and what follows it. */
type Told = readonly [headline: string, ...detail: string[]];

const ASK_OPERATOR = "Ask the operator of the Daytona server to check its transient registry.";

/** The message of what no retry has mended. */
export function registryFailure(target: PushTarget, thrown: unknown, access: RegistryAccess): Failure {
  const [headline, ...detail] = told(target, thrown, access);
  return new Failure(
    {
      summary: `${target.doing}: ${headline}`,
      detail: lines(...detail, "No snapshot was created."),
      attribute: ["localImage"],
    },
    { code: "upload" },
  );
}

function told(target: PushTarget, thrown: unknown, access: RegistryAccess): Told {
  if (thrown instanceof ProxyError) return ["the proxy cannot be used", sentence(thrown.message)];
  if (thrown instanceof UnsafeAddress) return unsafe(target, thrown);
  if (!(thrown instanceof RegistryError)) return unreadable(target, thrown);
  const text = redacted(thrown.message, access).replace(/\.$/, "");
  if (thrown.by !== null) return refusedByEngine(target, thrown.by, text);
  return thrown.status === 0 ? unanswered(target, thrown, text) : answered(target, thrown, text);
}

function unsafe({ host }: PushTarget, { kind, address }: UnsafeAddress): Told {
  const [headline, part] =
    kind === "password"
      ? ["the address of the registry's token service cannot be used", "token service"]
      : ["the registry's address for uploads cannot be used", "address for uploads"];
  return [
    headline,
    `The ${part} that ${host} specifies ${address}. Nothing was sent there. Ask the operator of the Daytona server to give the registry's ${part} an https address.`,
  ];
}

/** @throws what was thrown, unless a file could not be read */
function unreadable({ written }: PushTarget, thrown: unknown): Told {
  const { code, message } = thrown as NodeJS.ErrnoException;
  if (code !== "ENOENT" && code !== "EACCES" && code !== "EIO") throw thrown;
  return [
    "cannot read the image archive",
    sentence(`"${written}" changed or became unreadable while it was being pushed: ${code}: ${message}`),
    "Write the archive again.",
  ];
}

function refusedByEngine({ host, written }: PushTarget, by: string, text: string): Told {
  const said = sentence(`${capital(by)} could not push "${written}" to ${host}: ${text}`);
  const denied = /denied|unauthorized|authentication required/i.test(text);
  const headline = denied ? "the registry denied the push" : "the push failed";
  if (/no space left/i.test(text))
    return [
      headline,
      said,
      "Free disk space on the machine of the engine (`docker system df` shows what uses it), then try again.",
    ];
  return [
    headline,
    said,
    denied
      ? "Ask the operator of the Daytona server to check the credentials of its transient registry."
      : unreached(host, text),
  ];
}

/** What to do where an engine does not get as far as the registry's own answer. Each has its own settings, whatever this process trusts. */
function unreached(host: string, text: string): string {
  if (/server gave HTTP response to HTTPS client/i.test(text))
    return `The engine expects HTTPS, but ${host} does not support it. Allow HTTP: with \`insecure = true\` for a [[registry]] in /etc/containers/registries.conf (Podman), or in \`insecure-registries\` of /etc/docker/daemon.json (Docker). Or write the image to an archive and use "oci-archive:FILE", which needs no engine.`;
  if (/x509|certificate/i.test(text))
    return `The engine does not trust the certificate of ${host}. Put its authority into /etc/containers/certs.d/${host}/ca.crt (Podman) or /etc/docker/certs.d/${host}/ca.crt (Docker). Or write the image to an archive and use "oci-archive:FILE", which needs no engine.`;
  return `Check that the engine can reach ${host}: engines have their own proxy settings and certificates.`;
}

function unanswered({ host, written }: PushTarget, { code }: RegistryError, text: string): Told {
  if (code === TOO_LARGE)
    return ["the registry's response is too large", `${host} ${text}.`, `The API named this registry. ${ASK_OPERATOR}`];
  return [
    "cannot reach the registry",
    sentence(`"${written}" could not be pushed to ${host}: ${[code, text].filter((part) => part !== "").join(": ")}`),
    "The API named this registry. Check that this machine can reach it, and whether it needs a proxy (HTTPS_PROXY).",
  ];
}

function answered({ host, repository }: PushTarget, error: RegistryError, text: string): Told {
  const { status, code } = error;
  const speaker = error.host === null ? host : `${error.host}, to which ${host} redirected the upload,`;
  const said = sentence(`${speaker} returned ${[status, code].join(" ").trim()}${text === "" ? "" : `: ${text}`}`);
  if (status === 401) return unauthorized(error, said);
  if (status === 403)
    return [
      "the registry denied the push",
      said,
      `The API's temporary credentials must allow pushing to "${repository}". Ask the operator of the Daytona server to check its transient registry, and the quota of its project.`,
    ];
  if (status === 413)
    return [
      "the registry rejected the size of the image",
      said,
      "A proxy in front of the registry limits the size of a request, or the project is full. Ask the operator of the Daytona server.",
    ];
  if (isPassing(error)) return ["the registry is busy or failing", said, "Try again later."];
  return ["the registry rejected the image", said, ASK_OPERATOR];
}

function unauthorized({ host, uploading }: RegistryError, said: string): Told {
  if (host !== null)
    return [
      "a host other than the registry asks for credentials",
      said,
      "It received none, because only the registry itself may receive them. Ask the operator of the Daytona server to check the storage of its transient registry.",
    ];
  if (uploading)
    return [
      "the registry no longer accepts the credentials",
      said,
      "It had accepted them for this layer before. They may have expired. Try again: the API issues new ones.",
    ];
  return ["the registry rejected the credentials", said, `The API has just issued them. ${ASK_OPERATOR}`];
}
