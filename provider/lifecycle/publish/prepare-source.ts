import { known } from "../../kit/unknown";
import type { Planned } from "../../resources/snapshot/record";
import { isCurrentHash, needsReading } from "../../resources/snapshot/source";
import { capital, lowerCase } from "../../kit/words";
import { changeText } from "../../source/plan-memory";
import { SourceError, type PreparedBuild } from "../../source/prepare";
import type { Call } from "../call/call";
import { Failure } from "../call/errors";
import { pushImage } from "./image/push-image";
import { uploadContexts } from "./upload-contexts";
import { readingMeter } from "./upload-progress";

/**
 * The plan with the files of its Dockerfile build or its local image read, as they are now. An image, or a plan that has them already, is
 * returned as it is.
 * @throws Failure if the source cannot be read, or has changed since the plan; Interrupted, DeadlinePassed
 */
export async function readSourceToBuild(call: Call, planned: Planned): Promise<Planned> {
  if (!needsReading(planned) || (planned.prepared && call.archives !== null)) return planned;
  const build = await read(call, planned);
  if (build === null) return planned;
  const expected = known(planned.sourceHash);
  if (expected !== null && isCurrentHash(expected) && expected !== build.source.hash) {
    const next = `${capital(call.context.words.refreshAndRun)}.`;
    const attribute = planned.dockerfile === null ? "dockerfileContent" : "dockerfile";
    const before = call.shared.sources.recall?.(expected) ?? null;
    const changed =
      before === null
        ? ""
        : `${changeText(before, build, known(planned.dockerfile) ?? call.context.words.attribute(attribute))}\n`;
    throw new Failure(
      build.image
        ? {
            summary: `${call.doing}: the local image changed before it was pushed`,
            detail: `The expected source hash is ${expected}, but the image now has ${build.source.hash}. Nothing was pushed. ${next}`,
            attribute: ["localImage"],
          }
        : {
            summary: `${call.doing}: the source changed before it was built`,
            detail: `${changed}The expected source hash is ${expected}, but the files now have ${build.source.hash}. Nothing was built. ${next}`,
            attribute: [attribute],
          },
      { code: "source" },
    );
  }
  call.archives = build.archives;
  call.localImage = build.image;
  return { ...planned, prepared: build.source };
}

async function read(call: Call, planned: Planned): Promise<PreparedBuild | null> {
  try {
    return await call.deadline.read((signal) =>
      call.shared.sources.prepare(
        { ...planned, ...planned.places },
        call.context.words.attribute,
        signal,
        readingMeter(call.context.log, call.clock),
      ),
    );
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw error.saying({ summary: `${call.doing}: ${lowerCase(error.notice.summary)}` });
  }
}

/**
 * Uploads the files of the build, unless they are in the object storage already, or pushes the local image.
 * @returns the plan to create: of a local image, the image as it was pushed
 * @throws Failure, ApiError, Interrupted, DeadlinePassed
 */
export async function publishSource(call: Call, planned: Planned): Promise<Planned> {
  const { api, clock, doing, context, localImage } = call;
  const signal = call.deadline.signal;
  call.deadline.check();
  try {
    if (localImage !== null) {
      const regionId = known(planned.region);
      const access = await call.deadline.read((ending) =>
        api.registryAccess({ signal: ending, ...(regionId === null ? {} : { regionId }) }),
      );
      const replaced = call.record?.imageName ?? null;
      const image = await pushImage({
        image: localImage,
        access,
        clock,
        signal,
        log: context.log,
        doing,
        pushes: call.shared.pushes,
        earlier: [...(replaced === null ? [] : [replaced]), ...call.shared.pushes.leftOvers()],
      });
      return { ...planned, image, localImage: null };
    }
    if (call.archives === null || call.archives.length === 0) return planned;
    await uploadContexts({
      archives: call.archives,
      access: (ending) => api.pushAccess({ signal: ending }),
      clock,
      signal,
      log: context.log,
      doing,
    });
    return planned;
  } catch (error) {
    call.deadline.check();
    throw error;
  }
}
