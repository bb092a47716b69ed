import { rawMount } from "./text/checks";
import { normalized } from "./text/directives";
import { DockerfileError } from "./error";
import { readFlags } from "./text/flags";
import type { Command } from "./build";
import { named } from "./needed-stages";
import { readBuild } from "./stages";

/** Images from outside the file that a build of this text takes, in order, each once; none for a text that cannot be read. */
export function outsideImages(dockerfile: string): string[] {
  try {
    const { needed, stages } = readBuild(normalized(dockerfile), {});
    const taken = needed.flatMap((stage) => [
      ...(stage.base === null ? [stage.image] : []),
      ...stage.commands.flatMap(takenBy),
    ]);
    return [...new Set(taken.filter((image) => image !== "scratch" && named(stages, image) === undefined))];
  } catch (error) {
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}

/** What a command takes files from, by name: stages and images. */
function takenBy({ instruction: { keyword, flags } }: Command): string[] {
  if (keyword === "RUN")
    return readFlags(keyword, flags)
      .texts("mount")
      .map((mount) => rawMount(mount).from)
      .filter((from) => from !== "");
  const from = keyword === "COPY" ? readFlags(keyword, flags).text("from") : "";
  return from === "" || /^[+-]?[0-9]+$/.test(from) ? [] : [from];
}
