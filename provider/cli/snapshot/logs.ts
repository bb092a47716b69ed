import { classify } from "../../resources/snapshot/states";
import { systemClock } from "../../lifecycle";
import { exitCodes } from "../io";
import { type Session, Stop } from "../session";

/** Pause between two looks at the state while the log is followed, in ms. */
const LOOK_MS = 2000;
/** How long the last lines may take after the build has ended, in ms. */
const REST_MS = 1500;

/** `daytona-iac snapshot logs`: the build log on stdout. */
export async function buildLogs(session: Session, idOrName: string, follow: boolean): Promise<number> {
  const doing = `reading the build log of snapshot "${idOrName}"`;
  const dto = await session.find(idOrName, doing);
  if (!dto.buildInfo)
    throw new Stop({
      summary: `snapshot "${idOrName}" has no build log`,
      detail: `Snapshot ${dto.id} was not built from a Dockerfile: it was created from ${dto.imageName ? `the image ${dto.imageName}` : "a sandbox"}.`,
    });
  let lines = 0;
  const onLine = (line: string): void => {
    lines += 1;
    session.say(`${line}\n`);
  };
  const isBuilding = classify(dto.state) === "settling";
  const read = (signal: AbortSignal): Promise<void> =>
    session.connection.buildLog(dto.id, follow && isBuilding, onLine, signal);
  await (follow && isBuilding ? untilBuilt(session, dto.id, read) : read(session.signal));
  if (session.signal.aborted) return exitCodes.error;
  if (lines === 0)
    session.io.err(
      isBuilding
        ? "The build has not written a log yet. Use --follow to wait for it.\n"
        : "The log is empty, or the server no longer keeps it.\n",
    );
  return exitCodes.ok;
}

/** Follows the log until it ends or the build does: a runner does not end the log of a build that has failed. */
async function untilBuilt(session: Session, id: string, read: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  session.signal.addEventListener("abort", stop);
  if (session.signal.aborted) stop();
  const followed = read(enough.signal).finally(stop);
  for (;;) {
    await systemClock.sleep(LOOK_MS, enough.signal);
    if (enough.signal.aborted) break;
    // The log is what was asked for: an API that does not answer now does not end it.
    const now = await session.connection.getSnapshot({ id }, enough.signal).catch(() => undefined);
    if (now === undefined || (now !== null && classify(now.state) === "settling")) continue;
    await systemClock.sleep(REST_MS, enough.signal);
    break;
  }
  stop();
  await followed;
  session.signal.removeEventListener("abort", stop);
}
