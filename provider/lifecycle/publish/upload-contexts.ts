import type { AbortMultipartUploadCommand, ListObjectsV2CommandOutput, S3Client } from "@aws-sdk/client-s3";
import { Readable } from "node:stream";
import { abortReason } from "../../api/clock";
import { ForbiddenError } from "../../api/errors";
import { ProxyError, type ProxyEnvironment } from "../../api/http/proxy";
import type { PushAccess } from "../../api/types";
import type { ContextArchive } from "../../source/archive/context-archive";
import { ContextError } from "../../source/context-error";
import { GRACE_MS } from "../call/deadline";
import { Failure } from "../call/errors";
import type { Clock, LifecycleLog } from "../contract";
import { apiDetails, apiFailure, lines, sentence } from "../messages/api-failure";
import { StorageAccess } from "./storage-access";
import { loadSdk, storageClient, type Sdk } from "./storage-client";
import type { StorageError, Target } from "./storage-failure";
import { StorageSender, type Command } from "./storage-sender";
import { EVENT_MS, ProgressMeter, transferMeter, type UploadProgress } from "./upload-progress";

/** The least that S3 takes for a part that is not the last. Small parts show progress on a slow line. */
const PART_BYTES = 5 * 2 ** 20;
/** S3's own limit is 10,000. */
const MOST_PARTS = 9_000;
/** Parts under way at a time; with the one being read they bound the memory that an upload needs. */
const PARALLEL = 4;
/** How long the removal of an upload that failed may take. */
const CLEANUP_MS = 5_000;
/** How often it is looked for after that, and the pause before each, in ms. */
const LOOKS = 3;
const LOOK_MS = 200;

const GONE = {};

export interface UploadRequest {
  readonly archives: readonly ContextArchive[];
  /** `SnapshotApi.pushAccess`; asked before the first upload, and again when the credentials have run out. */
  access(signal: AbortSignal): Promise<PushAccess>;
  readonly clock: Clock;
  /** Gives the upload up. What was begun is removed from the storage first, for which it takes up to a second. */
  readonly signal: AbortSignal;
  readonly log: Pick<LifecycleLog, "debug" | "progress" | "transfer">;
  /** Begin of every message: `creating snapshot "x"`. */
  readonly doing: string;
  /** At most four times a second, and at the end. `log.progress` gets a text every two seconds besides. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Temporary credentials, as soon as they are known: for the caller's redactor. */
  readonly onSecrets?: ((secrets: readonly string[]) => void) | undefined;
  /** For the proxy variables only; default: the process's. */
  readonly env?: ProxyEnvironment | undefined;
  /** For jitter; default Math.random. */
  readonly random?: (() => number) | undefined;
}

/**
 * Puts each archive into the storage as `<organizationId>/<hash>/context.tar`, unless it is there already, and answers the
 * `contextHashes` for `POST /snapshots`: sorted, each once. Without archives nothing is asked and nothing loaded.
 * @throws Failure with a message of its own; ApiError where the API gives no credentials; the signal's reason when that aborts
 */
export async function uploadContexts(request: UploadRequest): Promise<string[]> {
  const archives = new Map(request.archives.map((archive) => [archive.hash, archive]));
  if (archives.size === 0) return [];
  const { signal, clock } = request;
  if (signal.aborted) throw abortReason(signal);
  const access = new StorageAccess(
    (ending) => requestAccess(request, ending),
    clock,
    signal,
    (secrets) => request.onSecrets?.(secrets),
  );
  const [first, sdk] = await Promise.all([access.get(), loadSdk()]);
  const { client, proxy } = await storageClient(sdk, first, access, request.env ?? process.env).catch(
    (error: unknown) => {
      throw error instanceof ProxyError
        ? new Failure({ summary: `${request.doing}: the proxy cannot be used`, detail: sentence(error.message) })
        : error;
    },
  );
  try {
    const target = {
      doing: request.doing,
      host: new URL(first.storageUrl).host,
      bucket: first.bucket,
      organizationId: first.organizationId,
      proxy,
    };
    const uploader = new Uploader(
      request,
      sdk,
      client,
      target,
      new StorageSender({ client, access, target, clock, log: request.log, random: request.random }),
    );
    await uploader.run([...archives.values()]);
  } finally {
    client.destroy();
  }
  return [...archives.keys()].sort();
}

async function requestAccess({ access, doing }: UploadRequest, signal: AbortSignal): Promise<PushAccess> {
  try {
    return await access(signal);
  } catch (error) {
    if (!(error instanceof ForbiddenError)) throw error;
    const { summary, detail } = apiFailure(doing, error);
    throw new Failure(
      { summary, detail: lines(detail, "Uploading a build context requires the `write:snapshots` permission.") },
      apiDetails(error),
    );
  }
}

class Uploader {
  constructor(
    private readonly request: UploadRequest,
    private readonly sdk: Sdk,
    private readonly client: S3Client,
    private readonly target: Target,
    private readonly sender: StorageSender,
  ) {}

  async run(archives: readonly ContextArchive[]): Promise<void> {
    const { clock, log, onProgress } = this.request;
    const missing: ContextArchive[] = [];
    for (const archive of archives) {
      if (await this.has(archive)) log.debug(`the build context ${archive.hash} is already in the object storage`);
      else missing.push(archive);
    }
    const total = missing.reduce((sum, { size }) => sum + size, 0);
    const meters = [
      transferMeter(log, clock, total, "uploading the build context"),
      ...(onProgress ? [new ProgressMeter(total, EVENT_MS, clock, onProgress)] : []),
    ];
    for (const archive of missing) await this.put(archive, (bytes) => meters.forEach((meter) => meter.add(bytes)));
  }

  /** Listed, like the official client does: the credentials' policy makes AWS answer 403 to a HEAD of what is missing. */
  private async has(archive: ContextArchive): Promise<boolean> {
    const list = new this.sdk.s3.ListObjectsV2Command({
      Bucket: this.target.bucket,
      Prefix: `${this.target.organizationId}/${archive.hash}/`,
      MaxKeys: 10,
    });
    // A storage that lets nobody look may still let us write.
    const blind = ({ code }: StorageError): Promise<{ Contents?: [] } | undefined> =>
      Promise.resolve(code === "AccessDenied" ? {} : undefined);
    const { Contents } = await this.sender.send<Pick<ListObjectsV2CommandOutput, "Contents">>(
      list,
      this.request.signal,
      blind,
    );
    return (Contents ?? []).some(({ Key, Size }) => Key === this.key(archive) && Size === archive.size);
  }

  private key({ hash }: ContextArchive): string {
    return `${this.target.organizationId}/${hash}/context.tar`;
  }

  private async put(archive: ContextArchive, sent: (bytes: number) => void): Promise<void> {
    const { signal, clock, log, doing } = this.request;
    const { s3, storage } = this.sdk;
    const late = new AbortController();
    const over = new AbortController();
    const endIn = (ms: number): void =>
      void clock.sleep(ms, over.signal).then(
        () => late.abort(signal.reason),
        () => undefined,
      );
    const interrupted = (): void => endIn(GRACE_MS);
    signal.addEventListener("abort", interrupted, { once: true });
    /** Parts that were sent and have no answer: the storage may still be writing them. */
    let unanswered = 0;
    const send = async (command: Command): Promise<unknown> => {
      // Once begun, an upload can only be removed by the ID in the answer.
      if (command instanceof s3.CreateMultipartUploadCommand)
        return this.sender.send(command, signal.aborted ? signal : late.signal);
      if (command instanceof s3.AbortMultipartUploadCommand) {
        endIn(CLEANUP_MS);
        // The failure that led here is the one to show. AWS denies this to the API's credentials: the bucket's own rules remove such parts.
        return this.removeParts(command, unanswered > 0, late.signal).catch((error: unknown) =>
          log.debug(
            `the parts of a given-up upload stay in the object storage: ${error instanceof Failure ? error.notice.detail : "no time was left"}`,
          ),
        );
      }
      if (command instanceof s3.CompleteMultipartUploadCommand) {
        // The attempt whose answer was lost has done it.
        return this.sender.send(command, signal, async ({ code }) =>
          code === "NoSuchUpload" && (await this.has(archive)) ? {} : undefined,
        );
      }
      unanswered += 1;
      const answer = await this.sender.send(command, signal);
      unanswered -= 1;
      sent((command.input as { Body?: Uint8Array }).Body?.byteLength ?? 0);
      return answer;
    };
    const content = archive.open(signal);
    const body = Readable.from(exactly(archive, content, doing), { objectMode: false });
    try {
      await new storage.Upload({
        // The uploader passes no signal on, shows errors of its cleaning up instead of their cause, and cannot renew credentials.
        client: { config: this.client.config, send } as unknown as S3Client,
        params: { Bucket: this.target.bucket, Key: this.key(archive), Body: body, ContentType: "application/x-tar" },
        partSize: Math.max(PART_BYTES, Math.ceil(archive.size / MOST_PARTS)),
        queueSize: PARALLEL,
      }).done();
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      if (error instanceof ContextError)
        throw new Failure(
          { summary: `${doing}: cannot send the build context`, detail: error.message },
          { code: "source", cause: error },
        );
      throw error;
    } finally {
      over.abort();
      signal.removeEventListener("abort", interrupted);
      body.destroy();
      content.destroy();
    }
  }

  /**
   * Removes what an upload has stored. A part that is being written can bring the upload back, so it is looked for again, as the S3 reference
   * advises (AbortMultipartUpload).
   */
  private async removeParts(
    command: AbortMultipartUploadCommand,
    writing: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { Bucket, Key, UploadId } = command.input;
    const list = new this.sdk.s3.ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 1 });
    await this.sender.send(command, signal);
    for (let look = 0; writing && look < LOOKS; look += 1) {
      await this.request.clock.sleep(LOOK_MS, signal);
      const there = await this.sender.send<object>(list, signal, ({ code }) =>
        Promise.resolve(code === "NoSuchUpload" ? GONE : undefined),
      );
      if (there !== GONE) await this.sender.send(command, signal);
    }
  }
}

/** The archive checks each of its files against the plan; this its length, before the last part is sent. */
async function* exactly(archive: ContextArchive, content: Readable, doing: string): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes !== archive.size)
    throw new Failure(
      {
        summary: `${doing}: cannot send the build context`,
        detail: `The archive ${archive.hash} was planned with ${archive.size} bytes and is ${bytes} bytes now. Nothing was built. Try again.`,
      },
      { code: "source" },
    );
}
