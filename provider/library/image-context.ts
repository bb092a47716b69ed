import { nothingWritten } from "../resources/snapshot";
import type { SnapshotInputs, Written } from "../resources/snapshot/record";
import { Failure, type PushAccess, systemClock } from "../lifecycle";
import { uploadContexts } from "../lifecycle/publish";
import { type ImageObject, plainSource } from "../source/image";
import { SourceError } from "../source/prepare";
import { createSourceReader } from "../source/source-reader";
import { AbortError, type DaytonaError, errorOf, InvalidArgumentError, textOf, warn } from "./errors";

/** The answer of `GET /object-storage/push-access`. */
export type StorageCredentials = PushAccess;

/** The method of the official client's `ObjectStorageApi` that is used. */
export interface ObjectStorage {
  getPushAccess(): Promise<{ data: StorageCredentials }>;
}

/** The source of a build from an `Image` object. @throws InvalidArgumentError */
export function plain(
  image: ImageObject,
  entrypoint: string[] | undefined,
  doing: string,
): Pick<SnapshotInputs, "dockerfileContent" | "contextDir" | "context"> {
  // As in the official SDK: the entrypoint becomes an instruction.
  const own = image as ImageObject & { entrypoint?: (commands: string[]) => ImageObject };
  const built = entrypoint !== undefined && typeof own.entrypoint === "function" ? own.entrypoint(entrypoint) : image;
  try {
    const { dockerfileContent, contextDir, context } = plainSource<ImageObject, string>({ image: built }, doing);
    return { dockerfileContent: dockerfileContent ?? null, contextDir: contextDir ?? null, context: context ?? null };
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** The error for files that could not be read. @param signal of the call */
export function unreadable(error: unknown, doing: string, signal?: AbortSignal): DaytonaError {
  if (error instanceof SourceError) return new InvalidArgumentError(`${doing}: ${textOf(error.notice)}`);
  if (signal?.aborted === true) return new AbortError(`${doing}: interrupted\nNothing was changed.`);
  return errorOf(`${doing}: ${error instanceof Error ? error.message : String(error)}`, error);
}

/** See `SnapshotService.processImageContext`. */
export async function processImageContext(objectStorage: ObjectStorage, image: ImageObject): Promise<string[]> {
  const doing = "uploading the build context";
  const written: Written = { ...nothingWritten(), name: "context", ...plain(image, undefined, doing) };
  let build;
  try {
    build = await createSourceReader().prepare(written, (name) => name);
  } catch (error) {
    throw unreadable(error, doing);
  }
  warn(build?.warnings ?? []);
  const silent = { debug: () => undefined, progress: () => undefined };
  const access = async (): Promise<StorageCredentials> => (await objectStorage.getPushAccess()).data;
  try {
    return await uploadContexts({
      archives: build?.archives ?? [],
      access,
      clock: systemClock,
      signal: new AbortController().signal,
      log: silent,
      doing,
    });
  } catch (error) {
    throw errorOf(
      error instanceof Failure ? textOf(error.notice) : error instanceof Error ? error.message : String(error),
      error,
    );
  }
}
