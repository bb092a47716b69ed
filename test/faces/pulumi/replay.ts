import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalApi } from "../../../provider/local";
import type { Message, Wire } from "./wire";

/** One line of a recording: a run of the CLI, a command for the local API, or a call. */
interface Line {
  command?: string;
  control?: [string, ...unknown[]];
  method?: string;
  request?: Message;
  response?: Message;
  errors?: string[];
}

const changing =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** What is another one in each run (UUIDs, times): recorded value -> the one of this run. */
class Run {
  readonly #now = new Map<string, string>();

  /** A recorded text as it would be in this run. */
  translate<T>(json: T): T {
    return JSON.parse(JSON.stringify(json).replace(changing, (value) => this.#now.get(value) ?? value)) as T;
  }

  /** The recording of a failure does not hold what was kept with it: the next request shows it, and the API knows what it is now. */
  meet(request: Message, api: LocalApi): void {
    for (const state of [request["olds"], request["properties"]] as (Message | undefined)[]) {
      const now =
        typeof state?.["snapshotId"] === "string" && !this.#now.has(state["snapshotId"])
          ? api.control.snapshot(String(state["name"]))
          : null;
      if (now !== null)
        this.learn(`${String(state?.["snapshotId"])} ${String(state?.["createdAt"])}`, `${now.id} ${now.createdAt}`);
    }
  }

  learn(recorded: string, answered: string): void {
    const before = recorded.match(changing) ?? [];
    const now = answered.match(changing) ?? [];
    if (before.length === now.length)
      before.forEach((value, index) => this.#now.has(value) || this.#now.set(value, now[index] as string));
  }
}

/** Fields as protocol JSON writes them: by lower-case name, defaults left out, enums by name. */
export function normal(json: Message): Message {
  const changes = ["DIFF_UNKNOWN", "DIFF_NONE", "DIFF_SOME"];
  const kinds = ["ADD", "ADD_REPLACE", "DELETE", "DELETE_REPLACE", "UPDATE", "UPDATE_REPLACE"];
  const isDefault = (value: unknown) =>
    value === undefined ||
    value === null ||
    value === false ||
    value === "" ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0);
  const result: Message = {};
  for (const [field, value] of Object.entries(json)) {
    const name = field.toLowerCase();
    if (
      isDefault(value) ||
      (typeof value === "object" && name === "detaileddiff" && Object.keys(value as object).length === 0)
    )
      continue;
    if (name === "changes") result[name] = typeof value === "number" ? (changes[value] as string) : value;
    else if (name === "detaileddiff") {
      result[name] = Object.fromEntries(
        Object.entries(value as Record<string, { kind?: string | number }>).map(([path, { kind = "ADD" }]) => [
          path,
          typeof kind === "number" ? (kinds[kind] as string) : kind,
        ]),
      );
    } else result[name] = sorted(value);
  }
  return result;
}

function sorted(value: Message[string]): Message[string] {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

/** Keys in one order, so that what changes is met in the same order on both sides. */
const text = (json: Message): string => JSON.stringify(sorted(normal(json)));

/** The lines of a recording. `open` sees each one's text first. */
export function recorded(provider: "native" | "dynamic", open = (line: string) => line): Line[] {
  return readFileSync(join(__dirname, `recordings/${provider}.jsonl`), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(open(line)) as Line);
}

/**
 * Says what is recorded in `recordings/<provider>.jsonl` again, and compares every answer. `serve` starts a provider for each run of
 * the CLI, as the engine does. Answers how many calls were compared.
 */
export async function replay(
  provider: "native" | "dynamic",
  api: LocalApi,
  serve: () => Promise<Wire>,
  open = (line: string) => line,
): Promise<number> {
  const run = new Run();
  let wire: Wire | undefined;
  let compared = 0;
  try {
    for (const [index, line] of recorded(provider, open).entries()) {
      if (line.command !== undefined) {
        await wire?.close();
        wire = await serve();
      } else if (line.control !== undefined) {
        const [command, ...args] = line.control;
        if (command === "rest") api.control.update(String(args[0]), { updatedAt: Date.now() - 11 * 60_000 });
        else (api.control as unknown as Record<string, (...args: unknown[]) => unknown>)[command]?.(...args);
      } else {
        await one(run, line, `line ${index + 1}, ${line.method}`, wire as Wire, api);
        compared++;
      }
    }
  } finally {
    await wire?.close();
  }
  return compared;
}

async function one(run: Run, line: Line, where: string, wire: Wire, api: LocalApi): Promise<void> {
  run.meet(line.request as Message, api);
  const answer = await wire.call(line.method as string, run.translate(line.request as Message));
  if (line.errors !== undefined) {
    const message = (line.errors[0] as string).replace(/^rpc error: code = \w+ desc = /, "");
    run.learn(message, answer.error?.message ?? "");
    expect({ where, message: answer.error?.message }).toEqual({ where, message: run.translate(message) });
    return;
  }
  const before = text(line.response ?? {});
  const answered = text(answer.response ?? {});
  run.learn(before, answered);
  expect({ where, error: answer.error?.message, response: JSON.parse(answered) as unknown }).toEqual({
    where,
    error: undefined,
    response: JSON.parse(run.translate(before)) as unknown,
  });
}
