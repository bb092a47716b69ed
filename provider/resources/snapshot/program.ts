/** The program of a snapshot that exists: of the `import` command, and of Terraform where it generates configuration. */

import type { SnapshotDto } from "../../api/types";
import { inComment } from "../../kit/text/escaped";
import { snapshotTable } from "./attributes";
import { isPushed } from "./local-image";
import { isSuccessorName } from "./names";
import { fromImport } from "./observed";
import { imageBuildOf } from "./own/source/image-build";
import type { SnapshotRecord } from "./record";
import { classify } from "./states";

/** What a program says of an attribute, in the order of the reference. */
export interface Argument {
  /** camelCase */
  readonly name: string;
  readonly value: string | number | boolean | readonly string[];
}

export interface Program {
  readonly arguments: readonly Argument[];
  /** What nobody can know from the API, and what to do; one thought a line. */
  readonly comments: readonly string[];
}

/** Why no program can take over a snapshot as it is; null: one can. */
export function reasonAgainst(dto: SnapshotDto): string | null {
  if (dto.general) return "it belongs to another organization, and only its owner can manage it";
  const phase = classify(dto.state);
  if (phase === "failed")
    return `it has failed (${dto.state}), and would be replaced. Delete it, or declare it as a new snapshot`;
  if (phase === "leaving") return "it is being deleted";
  if (phase === "settling") return `it is not active yet (${dto.state}). Import it when it is`;
  if (isSuccessorName(dto.name))
    return "it was created by a replacement in progress. Finish the replacement, or delete it";
  const texts = [dto.name, dto.imageName, dto.buildInfo?.dockerfileContent, dto.entrypoint, dto.regionIds];
  if (![...texts, ...answered.map(({ read }) => dto[read])].flat().every(isText))
    return "it has text that is not Unicode, which no configuration can contain";
  if (!dto.sourceSandboxId && !dto.imageName && dto.buildInfo?.dockerfileContent === undefined)
    return "the API does not report its source";
  return null;
}

/** Without halves of characters, which JSON can have and files cannot. */
const isText = (text: unknown): boolean => typeof text !== "string" || !/\p{Surrogate}/u.test(text);

/** Inputs that the API answers as it got them; of an import, an empty list is null. Those with a rule of their own are written one by one. */
const answered = snapshotTable.inputs.filter((row) => "sent" in row && "read" in row);
/** What the API makes of nothing, which a program need not say. */
const USUAL: Partial<Record<string, unknown>> = { gpu: 0, sandboxClass: "container" };

/** What a program has to say of a snapshot that exists, so that the next plan changes nothing. @param spell an attribute as the program writes it, for comments */
export function programOf(dto: SnapshotDto, spell: (name: string) => string): Program {
  const { record } = fromImport(dto);
  const comments: string[] = [];
  const values: Argument[] = [{ name: "name", value: dto.name }];
  const add = (name: string, value: Argument["value"] | null | undefined): void => {
    if (value !== null && value !== undefined) values.push({ name, value });
  };
  if (record.sourceSandbox !== null) return programOfSandbox(record, spell);
  if (record.dockerfileContent !== null) {
    add("dockerfileContent", record.dockerfileContent);
    if ((dto.buildInfo?.contextHashes ?? []).length > 0) {
      comments.push(
        "Built with files, which the API does not return. To rebuild it, set",
        `${spell("contextDir")} to the folder that contains them.`,
      );
    }
  } else {
    add("image", record.image);
    if (isPushed(record.image ?? ""))
      comments.push(
        "Pushed from a local image, which the API does not return. To rebuild it,",
        `set ${spell("localImage")} instead of ${spell("image")}.`,
      );
    const entrypoint = askedEntrypoint(dto);
    if (entrypoint.length > 0) add("entrypoint", entrypoint);
  }
  for (const { name } of answered) add(name, USUAL[name] === record[name] ? null : record[name]);
  if (record.gpu !== null && record.gpu > 0 && record.gpuType !== null)
    comments.push(`It has the GPU ${inComment(record.gpuType)}. To ask for this type again, set ${spell("gpuTypes")}.`);
  add("region", record.region);
  if (record.active === false) {
    add("active", false);
    comments.push(`It is inactive. To activate it, remove ${spell("active")}.`);
  }
  return { arguments: values, comments };
}

/** Of a snapshot that was taken from a sandbox, which has its resources and its region. */
function programOfSandbox(
  { name, sourceSandbox, active }: Pick<SnapshotRecord, "name" | "sourceSandbox" | "active">,
  spell: (name: string) => string,
): Program {
  return {
    arguments: [
      { name: "name", value: name ?? "" },
      { name: "sourceSandbox", value: sourceSandbox ?? "" },
      ...(active === false ? [{ name: "active", value: false }] : []),
    ],
    comments: [
      "Created from a sandbox as it was then; it cannot be recreated. A change of",
      `${spell("triggers")} creates a snapshot of the sandbox as it is now, if it still exists.`,
    ],
  };
}

/** Of an image that was built, the API reports an entrypoint even if nobody asked for one. */
function askedEntrypoint(dto: SnapshotDto): readonly string[] {
  const build = imageBuildOf(dto);
  return (build === null ? dto.entrypoint : build.entrypoint) ?? [];
}
