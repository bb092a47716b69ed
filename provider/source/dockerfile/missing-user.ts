import type { Stage } from "./build";
import { normalized, refuseOtherFrontend } from "./text/directives";
import { DockerfileError } from "./error";
import { readBuild } from "./stages";

/** Instructions that change no file. */
const INERT = new Set([
  "ARG",
  "CMD",
  "ENTRYPOINT",
  "ENV",
  "EXPOSE",
  "HEALTHCHECK",
  "LABEL",
  "MAINTAINER",
  "ONBUILD",
  "SHELL",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR",
]);

/**
 * The user that an image of this text is to run as, where nothing can have made it: the image stands on `scratch`, no command runs, and no file comes to where
 * users are listed. Sandboxes do not start from such an image (recorded: "unable to find user"). null: there may be such a user, or the text does not tell.
 */
export function missingUser(dockerfile: string): string | null {
  const text = normalized(dockerfile);
  try {
    refuseOtherFrontend(text, "");
    const { target } = readBuild(text, {});
    return userOf(target);
  } catch (error) {
    if (error instanceof DockerfileError) return null;
    throw error;
  }
}

function userOf(target: Stage): string | null {
  const stages: Stage[] = [];
  for (let stage: Stage | null = target; stage !== null; stage = stage.base) stages.unshift(stage);
  if (stages[0]?.image !== "scratch") return null;
  const instructions = stages.flatMap(({ commands }) => commands.map(({ instruction }) => instruction));
  const mayMakeUsers = instructions.some(
    ({ keyword, words }) =>
      !INERT.has(keyword) && !((keyword === "COPY" || keyword === "ADD") && isAwayFromUsers(words.at(-1) ?? "")),
  );
  const user = instructions.findLast(({ keyword }) => keyword === "USER")?.words[0] ?? "";
  // A number needs no entry; root is taken for 0 by some engines.
  const isName = /^[a-z_][a-z0-9_.-]*(?::[a-z0-9_.-]*)?$/i.test(user) && !/^root(?::|$)/.test(user);
  return isName && !mayMakeUsers ? (user.split(":")[0] as string) : null;
}

/** Whether what is copied to a path cannot come to `/etc/passwd`. A path that is relative, or has a variable or quotes in it, is not followed. */
function isAwayFromUsers(destination: string): boolean {
  if (!/^\/[\w./-]+$/.test(destination) || /(?:^|\/)\.{1,2}(?:\/|$)/.test(destination)) return false;
  const path = destination.replace(/\/+/g, "/").replace(/\/$/, "");
  return path !== "" && path !== "/etc" && path !== "/etc/passwd";
}
