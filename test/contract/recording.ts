import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One recorded exchange with the real server. */
export interface Exchange {
  name: string;
  request: { method: string; path: string; headers: Record<string, string>; body: unknown };
  response: { status: number; headers: Record<string, string>; body: any };
  ms: number;
  note?: string;
}

const FOLDER = join(__dirname, "recordings");

export const recordingFiles = (): string[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(".jsonl"))
    .sort();

export const exchangesOf = (file: string): Exchange[] =>
  readFileSync(join(FOLDER, file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Exchange);

/** States of one snapshot, polled every 100 ms, with the events that arrived. */
export interface Sequence {
  name: string;
  knobs?: { pullDelayMs?: number; buildDelayMs?: number; inspectDelayMs?: number; syncReject?: boolean };
  requests?: { t_ms: number; method: string; path: string; body?: any; status: number; response?: any }[];
  poll?: {
    t_ms: number;
    status: number;
    state?: string;
    size?: number | null;
    ref_set?: boolean;
    errorReason?: string | null;
    entrypoint?: string[] | null;
    message?: string;
  }[];
  events?: { event: string; oldState?: string; newState?: string; payload: any }[];
  responses?: { status: number; body: any }[];
}

export const sequencesOf = (generation: "v0" | "v2"): Sequence[] =>
  JSON.parse(readFileSync(join(FOLDER, `sequences-runner-${generation}.json`), "utf8")) as Sequence[];

/** Creates with a real runner: the request, its answer, the states that were polled, and the snapshot in the end. */
export const realSequencesOf = (generation: "v0" | "v2"): Sequence[] =>
  JSON.parse(readFileSync(join(FOLDER, `sequences-real-runner-${generation}.json`), "utf8")) as Sequence[];
