import type { SnapshotDto } from "../../lifecycle";
import { fromImport } from "../../snapshot/observed";
import { isPushed } from "../../snapshot/local-image";
import { isSuccessorName } from "../../snapshot/names";
import { classify } from "../../snapshot/states";

export const TARGETS = ["terraform", "cdktf", "cdktn", "pulumi-typescript", "pulumi-python", "pulumi-yaml"] as const;
export type Target = (typeof TARGETS)[number];

/** What a program says of an attribute, in the order of the reference. */
export interface Argument {
  /** camelCase */
  readonly name: string;
  readonly value: string | number | boolean | readonly string[];
}

/** A snapshot to write code for. */
export interface CodeSnapshot {
  /** Words of the identifier, unique together: `agent`, `gpu`. */
  readonly words: readonly string[];
  readonly name: string;
  readonly id: string;
  readonly arguments: readonly Argument[];
  /** What nobody can know from the API, and what to do; one thought a line. */
  readonly comments: readonly string[];
}

/** A snapshot that gets no code, and why. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

export interface Program {
  readonly snapshots: readonly CodeSnapshot[];
  readonly leftOut: readonly LeftOut[];
}

/** What a program has to say so that the next plan changes nothing. @param spell an attribute as the target writes it, for comments */
export function programFor(found: readonly SnapshotDto[], spell: (name: string) => string): Program {
  const leftOut: LeftOut[] = [];
  const snapshots: CodeSnapshot[] = [];
  const taken = new Set<string>();
  for (const dto of [...found].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))) {
    const why = reasonAgainst(dto);
    if (why !== null) {
      leftOut.push({ name: dto.name, why });
      continue;
    }
    snapshots.push({ words: uniqueWords(dto.name, taken), name: dto.name, id: dto.id, ...contentOf(dto, spell) });
  }
  return { snapshots, leftOut };
}

function reasonAgainst(dto: SnapshotDto): string | null {
  if (dto.general) return "it belongs to another organization, and only its owner can manage it";
  const phase = classify(dto.state);
  if (phase === "failed") return `it has failed (${dto.state}), and an apply would replace it. Delete it, or write it into the program as a new snapshot`;
  if (phase === "leaving") return "it is being deleted";
  if (phase === "settling") return `it is not active yet (${dto.state}). Import it when it is`;
  if (isSuccessorName(dto.name)) return "a replacement in progress made it. Finish that with an apply, or delete it";
  if (!dto.imageName && dto.buildInfo?.dockerfileContent === undefined) return "the API does not tell where it comes from";
  return null;
}

function contentOf(dto: SnapshotDto, spell: (name: string) => string): Pick<CodeSnapshot, "arguments" | "comments"> {
  const { record } = fromImport(dto);
  const comments: string[] = [];
  const values: Argument[] = [{ name: "name", value: dto.name }];
  const add = (name: string, value: Argument["value"] | null | undefined): void => {
    if (value !== null && value !== undefined) values.push({ name, value });
  };
  if (record.dockerfileContent !== null) {
    add("dockerfileContent", record.dockerfileContent);
    if ((dto.buildInfo?.contextHashes ?? []).length > 0) {
      comments.push("Built with files, which the API does not give back. To rebuild it, set", `${spell("contextDir")} to the folder that has them.`);
    }
  } else {
    add("image", record.image);
    if (isPushed(record.image ?? "")) comments.push("Pushed from a local image, which the API does not name. To rebuild it,", `set ${spell("localImage")} instead of ${spell("image")}.`);
    if (record.entrypoint !== null && record.entrypoint.length > 0) add("entrypoint", record.entrypoint);
  }
  for (const name of ["cpu", "memory", "disk"] as const) add(name, record[name]);
  if (record.gpu !== null && record.gpu > 0) {
    add("gpu", record.gpu);
    if (record.gpuType !== null) comments.push(`It has the GPU ${record.gpuType}. To ask for this type again, set ${spell("gpuTypes")}.`);
  }
  add("sandboxClass", record.sandboxClass === "container" ? null : record.sandboxClass);
  add("region", record.region);
  if (record.active === false) {
    add("active", false);
    comments.push(`It is inactive. To activate it, remove ${spell("active")}.`);
  }
  return { arguments: values, comments };
}

/** Lower-case words of a name, with a number where another name has the same ones. */
function uniqueWords(name: string, taken: Set<string>): string[] {
  const base = name.toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== "");
  const words = /^[a-z]/.test(base[0] ?? "") ? base : ["snapshot", ...base];
  for (let number = 1; ; number += 1) {
    const unique = number === 1 ? words : [...words, String(number)];
    // camelCase joins `a-1` and `a1`.
    const key = unique.join("");
    if (taken.has(key)) continue;
    taken.add(key);
    return unique;
  }
}
