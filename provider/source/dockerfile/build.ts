import type { Instruction } from "./text/instructions";
import type { Room } from "./variables/room";
import type { BuildArgs } from "./variables/stage-variables";

export interface Stage {
  readonly index: number;
  /** In lower case; "" without one. */
  readonly name: string;
  readonly from: Instruction;
  /** Name of the image or stage, variables worked out. */
  readonly image: string;
  /** The stage of this file that it stands on. */
  readonly base: Stage | null;
  /** What it runs, ONBUILD triggers of its base first, once those are known. */
  commands: Command[];
}

export interface Command {
  readonly instruction: Instruction;
  /** Where it stands; for an ONBUILD trigger the ONBUILD instruction. */
  readonly place: Instruction;
}

export interface Build {
  readonly instructions: readonly Instruction[];
  readonly escape: string;
  readonly stages: readonly Stage[];
  readonly target: Stage;
  /** Stages that the target needs, in order. */
  readonly needed: readonly Stage[];
  /** The same, with those that only a mount names that shows no files: what is wrong in them is wrong, and their files do not count. */
  readonly checked: readonly Stage[];
  /** Commands up to the target that name a stage after it, which only stages that are not needed can do. */
  readonly beyond: readonly { readonly command: Command; readonly stage: Stage }[];
  readonly globals: ReadonlyMap<string, string>;
  /** Names that a stage has only once it declares them: those of ARGs before the first FROM, and those that the builder sets. */
  readonly declared: ReadonlySet<string>;
  /** Value of `TARGETSTAGE`. */
  readonly targetStage: string;
  /** What is left for the values of variables. */
  readonly room: Room;
}

export interface BuildOptions {
  /** Build arguments by name, as `docker build --build-arg`. Default: none. */
  readonly buildArgs?: BuildArgs | undefined;
  /** Name, in any case, or index of the stage to build. Default: the last one. */
  readonly target?: string | undefined;
}
