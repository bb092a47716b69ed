import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { proxyFor, type ProxyEnvironment } from "../../api/http/proxy";
import type { PushAccess } from "../../api/types";
import type { StorageAccess } from "./storage-access";

/** Of older servers, which name none. Like the official client, the region in an address of AWS is taken from it. */
const DEFAULT_REGION = "us-east-1";
const CONNECT_MS = 10_000;
/** A connection on which nothing moves for so long is given up. */
const SILENT_MS = 60_000;

export interface Sdk {
  readonly s3: typeof import("@aws-sdk/client-s3");
  readonly storage: typeof import("@aws-sdk/lib-storage");
}

let loaded: Promise<Sdk> | null = null;

/** The SDK is loaded with the first upload of the process. */
export function loadSdk(): Promise<Sdk> {
  loaded ??= Promise.all([import("@aws-sdk/client-s3"), import("@aws-sdk/lib-storage")]).then(([s3, storage]) => ({ s3, storage }));
  return loaded;
}

/** A client for the storage of `access`. The user's AWS_* variables and ~/.aws files have no part in it. */
export async function storageClient(sdk: Sdk, first: PushAccess, access: StorageAccess, env: ProxyEnvironment): Promise<{ client: S3Client; proxy: string | null }> {
  const proxy = proxyFor(new URL(first.storageUrl), env);
  const agent = proxy === null ? null : new (await import("https-proxy-agent")).HttpsProxyAgent(proxy, { keepAlive: true });
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
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: SILENT_MS, ...(agent === null ? {} : { httpAgent: agent, httpsAgent: agent }) },
  };
  return { client: withoutWarning(() => new sdk.s3.S3Client(config)), proxy: proxy?.host ?? null };
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
