import { classify } from "../../resources/snapshot/states";
import { exitCodes } from "../io";
import { type Session, Stop } from "../session";

/** `daytona-iac snapshot logs`: the build log on stdout. */
export async function buildLogs(session: Session, idOrName: string, follow: boolean): Promise<number> {
  const doing = `reading the build log of snapshot "${idOrName}"`;
  const dto = await session.find(idOrName, doing);
  if (!dto.buildInfo)
    throw new Stop({
      summary: `${doing}: there is none`,
      detail: `Snapshot ${dto.id} was not built from a Dockerfile: it has the image ${dto.imageName || "of a sandbox"}.`,
    });
  let lines = 0;
  const onLine = (line: string): void => {
    lines += 1;
    session.say(`${line}\n`);
  };
  await session.connection.buildLog(dto.id, follow, onLine, session.signal);
  if (session.signal.aborted) return exitCodes.error;
  if (lines === 0)
    session.io.err(
      classify(dto.state) === "settling"
        ? "The build has not written a log yet. Use --follow to wait for it.\n"
        : "The log is empty, or the server does not keep it any more.\n",
    );
  return exitCodes.ok;
}
