import { Failure } from "../call/errors";
import { lines, sentence } from "../messages/api-failure";

/** Where the upload goes, for messages. */
export interface Target {
  /** Begin of every message: `creating snapshot "x"`. */
  readonly doing: string;
  /** Host and port. */
  readonly host: string;
  readonly bucket: string;
  readonly organizationId: string;
  /** Host and port of the proxy in use; null: none. */
  readonly proxy: string | null;
}

/** What an error of the SDK holds. The error itself is never shown: it carries the request with its credentials. */
export interface StorageError {
  /** S3's error code, or the name of a system error. */
  readonly code: string;
  readonly message: string;
  /** 0: no answer came. */
  readonly status: number;
}

/** The `code` of an error in place of an answer that is too large to be S3's. */
export const TOO_LARGE = "TOO_LARGE";

/** What the SDK's errors have, as far as it is of use. */
interface SdkError {
  readonly name?: string;
  /** S3's own. */
  readonly Code?: string;
  /** The system's. */
  readonly code?: unknown;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number };
}

/** Takes from an error of the SDK what may be shown. */
export function storageError(error: unknown): StorageError {
  const it = error as SdkError;
  const status = statusOf(it);
  if (it.code === TOO_LARGE) return { code: TOO_LARGE, message: "", status };
  const message = it.message ?? "";
  // A proxy's page, or anything else that S3 does not send: the SDK's own text about it helps nobody.
  if (/XML parse error|Deserialization error/.test(message))
    return { code: "with something other than an S3 response, perhaps from a proxy", message: "", status };
  // In a vm context (Jest's, for one) the SDK does not know Node's errors as errors, and keeps only their text.
  const [, kind = "", text] = /^AWS SDK error wrapper for (\w+): (.*)$/s.exec(message) ?? [];
  const named = status === 0 ? systemCodeOf(it, text ?? "") || kind : it.Code;
  return { code: named || it.name || "unknown error", message: text ?? message, status };
}

/** 0: no answer came. */
function statusOf({ $metadata, $response }: SdkError): number {
  return $metadata?.httpStatusCode ?? $response?.statusCode ?? 0;
}

/** The system's code of an error without an answer; empty: it has none. @param text of the error that the SDK wraps */
function systemCodeOf({ code }: SdkError, text: string): string {
  return (typeof code === "string" && code) || (/\bE[A-Z]{4,}\b/.exec(text)?.[0] ?? "");
}

/** Credentials that were good and are not any more; MinIO and others have names of their own for it. */
export function isExpired({ code }: StorageError): boolean {
  return /^(ExpiredToken(Exception)?|TokenRefreshRequired|RequestExpired|InvalidToken(Id)?|InvalidClientTokenId|InvalidAccessKeyId)$/.test(
    code,
  );
}

export function isDenied({ code, status }: StorageError): boolean {
  return status === 403 && !isSkewed(code) && code !== TOO_LARGE;
}

/** Whether the same request may succeed a moment later. */
export function isPassing({ code, status }: StorageError): boolean {
  if (status === 0)
    return (
      !/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|ERR_SSL_|EPROTO|ERR_INVALID)/.test(code) &&
      /^(E[A-Z_]+|TimeoutError|ConnectionRefused|ConnectionClosed|FailedToOpenSocket|DNS\w*)$/.test(code)
    );
  return (
    status === 429 ||
    status === 408 ||
    status >= 500 ||
    /^(SlowDown|RequestTimeout|Throttling(Exception)?|TooManyRequests|InternalError|OperationAborted)$/.test(code)
  );
}

function isSkewed(code: string): boolean {
  return /^(RequestTimeTooSkewed|RequestInTheFuture)$/.test(code);
}

/** The message of what no retry has mended. `text` has no secrets in it. */
export function storageFailure(target: Target, error: StorageError, attempts: number, text: string): Failure {
  const { doing, host, bucket, organizationId, proxy } = target;
  const failure = (headline: string, ...detail: string[]): Failure =>
    new Failure({ summary: `${doing}: ${headline}`, detail: lines(...detail) }, { code: "upload" });
  // A proxy that refuses the storage answers in its place.
  const said = `${host}${proxy === null ? "" : ` (through the proxy ${proxy})`} returned ${error.status} ${error.code}${text === "" || text === error.code ? "" : `: ${text.replace(/\.$/, "")}`}`;
  const times = attempts > 1 ? ` after ${attempts} attempts` : "";
  if (error.code === TOO_LARGE)
    return failure(
      "the object storage does not respond like S3",
      `${host} sent more data than an S3 response can have, so the rest was not read.`,
      "The API named this address. Check that it is an S3 storage, and whether a proxy responds in its place (HTTPS_PROXY).",
    );
  if (error.status === 0) {
    return failure(
      "cannot reach the object storage",
      sentence(
        `The build context could not be uploaded to ${host}${proxy === null ? "" : ` through the proxy ${proxy}`}${times}: ${error.code}${text === "" ? "" : `: ${text}`}`,
      ),
      `The API named this address. Check that this machine can reach it${proxy === null ? ", and whether it needs a proxy (HTTPS_PROXY)" : ", and that the proxy allows it (NO_PROXY lists hosts to reach directly)"}.`,
    );
  }
  if (isExpired(error)) {
    return failure(
      "the object storage keeps rejecting the credentials",
      sentence(`${said}. New credentials from the API were rejected as well`),
      "Check that the API server and the storage belong together and that their clocks agree, or ask the operator of the Daytona server.",
    );
  }
  if (isSkewed(error.code))
    return failure(
      "the clocks differ",
      sentence(said),
      "The clock of this machine and that of the storage differ too much. Set this machine's clock, then try again.",
    );
  if (error.code === "NoSuchBucket") {
    return failure(
      `the object storage has no bucket "${bucket}"`,
      sentence(said),
      "The API named this bucket. Ask the operator of the Daytona server to create it or to correct the server's `S3_DEFAULT_BUCKET`.",
    );
  }
  if (isDenied(error)) {
    return failure(
      "the object storage denied the upload",
      sentence(said),
      `The API's temporary credentials must allow writing below "${organizationId}/" in the bucket "${bucket}". Ask the operator of the Daytona server to check its S3 role and policy.`,
    );
  }
  if (isPassing(error))
    return failure("the object storage is busy or failing", sentence(`${said}${times}`), "Try again later.");
  return failure(
    "the object storage rejected the upload",
    sentence(said),
    "Ask the operator of the Daytona server to check its object storage settings (endpoint, region, bucket).",
  );
}
