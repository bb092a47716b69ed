import type { SnapshotDto } from "../../lifecycle";
import { type Argument, programOf, reasonAgainst } from "../../resources/snapshot/program";
import { namesOf } from "./identifiers";

export type { Argument };

export const TARGETS = ["terraform", "cdktf", "cdktn", "pulumi-typescript", "pulumi-python", "pulumi-yaml"] as const;
export type Target = (typeof TARGETS)[number];

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
    snapshots.push({ words: uniqueWords(dto.name, taken), name: dto.name, id: dto.id, ...programOf(dto, spell) });
  }
  return { snapshots, leftOut };
}

/** Lower-case words of a name, with a number where another name has the same identifier in some language. */
function uniqueWords(name: string, taken: Set<string>): string[] {
  const base = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  const words = /^[a-z]/.test(base[0] ?? "") ? base : ["snapshot", ...base];
  for (let number = 1; ; number += 1) {
    const unique = number === 1 ? words : [...words, String(number)];
    const names = namesOf(unique);
    if (names.some((it) => taken.has(it))) continue;
    names.forEach((it) => taken.add(it));
    return unique;
  }
}
