/** What a tag does not promise: a new snapshot of the same tag is not always one of what the tag names now. */

import type { Notice } from "../../../../kit/notice";
import { known } from "../../../../kit/unknown";
import type { ToolWords } from "../../../../kit/words";
import type { SnapshotInputs, Written } from "../../record";
import { isPinned } from "./image-build";

/** Inputs whose change asks for another snapshot of the same source, so for what it holds now. */
const ANEW = ["triggers", "sourceHash"] as const satisfies readonly (keyof SnapshotInputs)[];

/**
 * A runner does not pull a tag that it has (seen at v0.190, where `ref` shows the new digest all the same).
 * @param content what differs and asks for another snapshot
 */
export function tagNotices(
  name: string | null,
  written: Written,
  content: readonly (keyof SnapshotInputs)[],
  words: Pick<ToolWords, "attribute">,
): Notice[] {
  const image = known(written.image);
  const causes = ANEW.filter((input) => content.includes(input));
  const [first] = causes;
  if (first === undefined || image === null || isPinned(image) || content.includes("image")) return [];
  return [
    {
      summary: `Snapshot "${name}" may keep the old content of ${image}`,
      detail:
        `Changing ${causes.map((input) => words.attribute(input)).join(" and ")} creates a new snapshot, but a runner does not pull a tag that it already has, even if the tag has moved in the registry since. ` +
        `To get what the tag names now, write its digest in ${words.attribute("image")} ("${image}@sha256:…"), or use a Dockerfile with FROM, whose base image is looked up again for every build.`,
      attribute: [first],
    },
  ];
}
