import type { S3Client } from "@aws-sdk/client-s3";
import { abortReason } from "../../api/clock";
import { ApiError } from "../../api/errors";
import { backoff } from "../../api/http/retry";
import { Failure } from "../call/errors";
import type { Clock, LifecycleLog } from "../contract";
import type { StorageAccess } from "./storage-access";
import {
  isDenied,
  isExpired,
  isPassing,
  storageError,
  storageFailure,
  type StorageError,
  type Target,
} from "./storage-failure";

/** Attempts of one request in all. A name that cannot be resolved is seldom resolved a moment later. */
const ATTEMPTS = 6;
const ATTEMPTS_NAME = 3;
/** New credentials for one request. */
const RENEWALS = 2;
/** A denial is not taken for an expiry within this time of new credentials, in ms. */
const FRESH_MS = 60_000;

/** Any command of the SDK. Only the SDK's own overloads know which answer belongs to it. */
export interface Command {
  readonly input: object;
}

export interface SenderDeps {
  readonly client: S3Client;
  readonly access: StorageAccess;
  readonly target: Target;
  readonly clock: Clock;
  readonly log: Pick<LifecycleLog, "debug">;
  /** For jitter; default Math.random. */
  readonly random?: (() => number) | undefined;
}

/** Whether the credentials have run out, as far as an answer can tell. */
const hasRunOut = (error: StorageError, access: StorageAccess): boolean =>
  isExpired(error) || (isDenied(error) && access.age > FRESH_MS);

/** Sends requests to the storage, again where that may help, with new credentials where the old ones have run out. */
export class StorageSender {
  constructor(private readonly deps: SenderDeps) {}

  /**
   * @param recover answers instead of an error that it can explain; undefined: it cannot
   * @throws Failure that says what to do, ApiError of the credentials' renewal, the signal's reason
   */
  async send<T>(
    command: Command,
    signal: AbortSignal,
    recover?: (error: StorageError) => Promise<T | undefined>,
  ): Promise<T> {
    const { client, access, target, clock, log, random } = this.deps;
    let renewals = 0;
    for (let attempt = 1; ; attempt += 1) {
      if (signal.aborted) throw abortReason(signal);
      // Outside of the attempt: where new credentials cannot be had, the storage has no part in it.
      const { accessKey } = await access.get();
      try {
        return (await client.send(command as never, { abortSignal: signal })) as T;
      } catch (thrown) {
        if (signal.aborted) throw abortReason(signal);
        // They ran out on the way, and could not be renewed.
        if (thrown instanceof ApiError || thrown instanceof Failure) throw thrown;
        const error = storageError(thrown);
        const text = access.redact(error.message);
        const recovered = await recover?.(error);
        if (recovered !== undefined) return recovered;
        log.debug(
          `object storage ${target.host}: ${command.constructor.name}, attempt ${attempt}: ${error.status} ${error.code} ${text}`,
        );
        if (hasRunOut(error, access) && renewals < RENEWALS) {
          renewals += 1;
          await access.renew(accessKey);
        } else if (isPassing(error) && attempt < (error.code === "ENOTFOUND" ? ATTEMPTS_NAME : ATTEMPTS)) {
          await clock.sleep(backoff(attempt, random), signal).catch(() => undefined);
        } else {
          throw storageFailure(target, error, attempt, text);
        }
      }
    }
  }
}
