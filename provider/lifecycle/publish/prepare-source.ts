import { known } from "../../snapshot/desired";
import type { Planned } from "../../snapshot/record";
import { isBuild, isCurrentHash, isPlainText } from "../../snapshot/source";
import { capital } from "../../snapshot/tool-words";
import { SourceError, type PreparedBuild } from "../../source/prepare";
import type { Call } from "../call/call";
import { Failure } from "../call/errors";
import { uploadContexts } from "./upload-contexts";

/** Whether the plan alone does not say what is sent: a Dockerfile in a file, with a build context, build arguments or a target. */
export function needsFiles(planned: Planned): boolean {
  return isBuild(planned) && !isPlainText(planned);
}

/**
 * The plan with the files of its Dockerfile build read, as they are now. An image, or a plan that has them already, is returned as it is.
 * @throws Failure if the source cannot be read, or has changed since the plan; Interrupted, DeadlinePassed
 */
export async function prepared(call: Call, planned: Planned): Promise<Planned> {
  if (!needsFiles(planned) || (planned.prepared && call.archives !== null)) return planned;
  const build = await read(call, planned);
  if (build === null) return planned;
  const expected = known(planned.sourceHash);
  if (expected !== null && isCurrentHash(expected) && expected !== build.source.hash) {
    throw new Failure({
      summary: `${call.doing}: the source changed before it was built`,
      detail: `The expected source hash is ${expected}, but the files now have ${build.source.hash}. Nothing was built. ${capital(call.context.words.refreshAndRun)}.`,
      attribute: [planned.dockerfile === null ? "dockerfileContent" : "dockerfile"],
    });
  }
  call.archives = build.archives;
  return { ...planned, prepared: build.source };
}

async function read(call: Call, planned: Planned): Promise<PreparedBuild | null> {
  try {
    return await call.deadline.read((signal) => call.shared.sources.prepare(planned, call.context.words.attribute, signal));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new Failure({ ...error.notice, summary: `${call.doing}: ${error.notice.summary}` });
  }
}

/** Uploads the files of the build, unless they are in the object storage already. @throws Failure, ApiError, Interrupted, DeadlinePassed */
export async function publish(call: Call): Promise<void> {
  if (call.archives === null || call.archives.length === 0) return;
  call.deadline.check();
  const { api, clock, doing, context } = call;
  try {
    await uploadContexts({ archives: call.archives, access: (signal) => api.pushAccess({ signal }), clock, signal: call.deadline.signal, log: context.log, doing });
  } catch (error) {
    call.deadline.check();
    throw error;
  }
}
