import { counted } from "../../kit/text/numbers";
import { statSync } from "node:fs";
import { Managed, type StateDocument } from "../../fleet/read/managed";
import { stateOf } from "../drift/sources";
import type { Session } from "../session";

/** A state without any snapshot. */
export interface EmptyState {
  /** `the state a.json contains no snapshots` */
  readonly summary: string;
  /** What it has instead, as a sentence. */
  readonly holds: string;
}

/** The states that a command was given. What they have is kept, so any that cannot be read stops everything. */
export class States {
  private signature = "";
  private read: readonly StateDocument[] = [];
  private has = Managed.of([]);

  constructor(
    private readonly session: Session,
    private readonly files: readonly string[],
  ) {}

  get documents(): readonly StateDocument[] {
    return this.read;
  }

  /** What they have. Files that have changed since the last call are read again; standard input cannot be. @throws FleetError */
  async managed(): Promise<Managed> {
    const signature = this.signatureNow();
    if (signature === this.signature && this.read.length === this.files.length) return this.has;
    const read: StateDocument[] = [];
    for (const [at, file] of this.files.entries()) {
      const before = file === "-" ? this.read[at] : undefined;
      read.push(before ?? (await stateOf(this.session, file)));
    }
    this.has = Managed.of(read);
    this.read = read;
    this.signature = signature;
    return this.has;
  }

  /** States without any snapshot, which let everything be deleted. */
  empty(): EmptyState[] {
    return this.read
      .filter(({ managed }) => managed.length === 0)
      .map(({ what, holds }) => {
        const total = [...holds.values()].reduce((sum, number) => sum + number, 0);
        const most = [...holds]
          .sort((a, b) => b[1] - a[1])
          .slice(0, SHOWN)
          .map(([type, number]) => `${number} ${type}`);
        const more = holds.size > SHOWN ? " and others" : "";
        return {
          summary: `${what} contains no snapshots`,
          holds:
            total === 0
              ? "It contains no resources."
              : `It contains ${counted(total, "other resource")}: ${most.join(", ")}${more}.`,
        };
      });
  }

  private signatureNow(): string {
    return this.files
      .map((file) => {
        if (file === "-") return file;
        try {
          const { size, mtimeMs, ino } = statSync(file);
          return `${file} ${size} ${mtimeMs} ${ino}`;
        } catch {
          // Reading it says why.
          return `${file} ${Math.random()}`;
        }
      })
      .join("\n");
  }
}

/** Types of resources that a message names. */
const SHOWN = 5;
