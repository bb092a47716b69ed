import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { Readable } from "node:stream";
import { proxyFor, type ProxyEnvironment } from "../../api/http/proxy";
import type { PushAccess } from "../../api/types";
import type { StorageAccess } from "./storage-access";
import { TOO_LARGE } from "./storage-failure";

/** Of older servers, which name none. Like the official client, the region in an address of AWS is taken from it. */
const DEFAULT_REGION = "us-east-1";
const CONNECT_MS = 10_000;
/** A connection on which nothing moves for so long is given up. */
const SILENT_MS = 60_000;

/** Of an answer, in bytes: lists and errors. What is stored is never read. */
const LARGEST_ANSWER = 8 * 2 ** 20;

export interface Sdk {
  readonly s3: typeof import("@aws-sdk/client-s3");
  readonly storage: typeof import("@aws-sdk/lib-storage");
}

let loaded: Promise<Sdk> | null = null;

/** The SDK is loaded with the first upload of the process. */
export function loadSdk(): Promise<Sdk> {
  loaded ??= Promise.all([import("@aws-sdk/client-s3"), import("@aws-sdk/lib-storage")]).then(([s3, storage]) => ({
    s3,
    storage,
  }));
  return loaded;
}

/** A client for the storage of `access`. The user's AWS_* variables and ~/.aws files have no part in it. */
export async function storageClient(
  sdk: Sdk,
  first: PushAccess,
  access: StorageAccess,
  env: ProxyEnvironment,
): Promise<{ client: S3Client; proxy: string | null }> {
  const proxy = proxyFor(new URL(first.storageUrl), env);
  const agent =
    proxy === null ? null : new (await import("https-proxy-agent")).HttpsProxyAgent(proxy, { keepAlive: true });
  // Each setting that is left out would be looked for in the environment and in ~/.aws.
  const config: S3ClientConfig = {
    endpoint: first.storageUrl,
    region: first.region ?? /s3[.-]([a-z0-9-]+)\.amazonaws\.com/.exec(first.storageUrl)?.[1] ?? DEFAULT_REGION,
    forcePathStyle: true,
    // With an expiry in the past the SDK asks before every request, and `StorageAccess` alone decides what is still good.
    credentials: async () => {
      const { accessKey, secret, sessionToken } = await access.get();
      return { accessKeyId: accessKey, secretAccessKey: secret, sessionToken, expiration: new Date(0) };
    },
    // Retries are ours: a pause of the SDK's cannot be interrupted.
    maxAttempts: 1,
    retryMode: "standard",
    // Many S3-compatible servers do not know the checksums that the SDK would add; the signature covers the content as well.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    defaultsMode: "standard",
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    useArnRegion: false,
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    sigv4aSigningRegionSet: [],
    authSchemePreference: [],
    userAgentAppId: "daytona-iac",
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      socketTimeout: SILENT_MS,
      ...(agent === null ? {} : { httpAgent: agent, httpsAgent: agent }),
    },
  };
  const client = withoutWarning(() => new sdk.s3.S3Client(config));
  // Closer to the connection than what reads the answer.
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const response = answer.response as { body?: unknown };
      if (response.body instanceof Readable) limit(response.body);
      return answer;
    },
    { step: "deserialize", priority: "low", name: "limitAnswer" },
  );
  return { client, proxy: proxy?.host ?? null };
}

/**
 * Lets a stream fail when it is longer than any answer of S3. The SDK would read it to its end. Counted where the bytes come in: a stream in
 * between would hold the connection of every answer that nobody reads.
 */
function limit(body: Readable): void {
  let bytes = 0;
  const push = body.push.bind(body);
  body.push = (chunk: Buffer | string | null, encoding?: BufferEncoding): boolean => {
    bytes += chunk?.length ?? 0;
    if (bytes <= LARGEST_ANSWER) return push(chunk, encoding);
    body.destroy(Object.assign(new Error(`more than ${LARGEST_ANSWER / 2 ** 20} MiB`), { code: TOO_LARGE }));
    return false;
  };
}

/** The SDK warns of Node 20 when its first client is made. The variable is set for no longer than that, so that no child process inherits it. */
function withoutWarning<T>(make: () => T): T {
  const name = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";
  const before = process.env[name];
  process.env[name] = "true";
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}
