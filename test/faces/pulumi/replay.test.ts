import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { type Answer, type Message, type Wire, serveNative } from "./wire";

jest.setTimeout(120_000);

interface Line {
  command?: string;
  control?: [string, ...unknown[]];
  method?: string;
  request?: Message;
  response?: Message;
  errors?: string[];
}

const lines = readFileSync(join(__dirname, "recordings/native.jsonl"), "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line) as Line);
const changing = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

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
      const now = typeof state?.["snapshotId"] === "string" && !this.#now.has(state["snapshotId"]) ? api.control.snapshot(String(state["name"])) : null;
      if (now !== null) this.learn(`${String(state?.["snapshotId"])} ${String(state?.["createdAt"])}`, `${now.id} ${now.createdAt}`);
    }
  }

  learn(recorded: string, answered: string): void {
    const before = recorded.match(changing) ?? [];
    const now = answered.match(changing) ?? [];
    if (before.length === now.length) before.forEach((value, index) => this.#now.has(value) || this.#now.set(value, now[index] as string));
  }
}

/** Fields as protocol JSON writes them: by lower-case name, defaults left out, enums by name. */
function normal(json: Message): Message {
  const changes = ["DIFF_UNKNOWN", "DIFF_NONE", "DIFF_SOME"];
  const kinds = ["ADD", "ADD_REPLACE", "DELETE", "DELETE_REPLACE", "UPDATE", "UPDATE_REPLACE"];
  const isDefault = (value: unknown) => value === undefined || value === null || value === false || value === "" || value === 0 || (Array.isArray(value) && value.length === 0);
  const result: Message = {};
  for (const [field, value] of Object.entries(json)) {
    const name = field.toLowerCase();
    if (isDefault(value) || (typeof value === "object" && name === "detaileddiff" && Object.keys(value as object).length === 0)) continue;
    if (name === "changes") result[name] = typeof value === "number" ? (changes[value] as string) : value;
    else if (name === "detaileddiff") {
      result[name] = Object.fromEntries(Object.entries(value as Record<string, { kind?: string | number }>).map(([path, { kind = "ADD" }]) => [path, typeof kind === "number" ? (kinds[kind] as string) : kind]));
    } else result[name] = sorted(value);
  }
  return result;
}

function sorted(value: Message[string]): Message[string] {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}

/** Keys in one order, so that what changes is met in the same order on both sides. */
const text = (json: Message): string => JSON.stringify(sorted(normal(json)));

describe("what the engine said to the native provider, said again without an engine", () => {
  let api: LocalApi;
  beforeAll(async () => {
    api = await startLocalApi({ pullSeconds: 0.1, buildSeconds: 0.1, activationCooldownSeconds: 0, cronSeconds: 0.05 });
  });
  afterAll(() => api.close());

  test("every answer is the recorded one", async () => {
    const run = new Run();
    let wire: Wire | undefined;
    let compared = 0;
    for (const [index, line] of lines.entries()) {
      if (line.command !== undefined) {
        await wire?.close();
        wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
      } else if (line.control !== undefined) {
        const [command, ...args] = line.control;
        if (command === "rest") api.control.update(String(args[0]), { updatedAt: Date.now() - 11 * 60_000 });
        else (api.control as unknown as Record<string, (...args: unknown[]) => unknown>)[command]?.(...args);
      } else {
        const where = `line ${index + 1}, ${line.method}`;
        run.meet(line.request as Message, api);
        const answer = (await wire?.call(line.method as string, run.translate(line.request as Message))) as Answer;
        if (line.errors !== undefined) {
          const recorded = (line.errors[0] as string).replace(/^rpc error: code = \w+ desc = /, "");
          run.learn(recorded, answer.error?.message ?? "");
          expect({ where, message: answer.error?.message }).toEqual({ where, message: run.translate(recorded) });
        } else {
          const recorded = text(line.response ?? {});
          const answered = text(answer.response ?? {});
          run.learn(recorded, answered);
          expect({ where, error: answer.error?.message, response: JSON.parse(answered) as unknown }).toEqual({ where, error: undefined, response: JSON.parse(run.translate(recorded)) as unknown });
        }
        compared++;
      }
    }
    await wire?.close();
    expect(compared).toBeGreaterThan(100);
  });

  test("a failure that leaves a snapshot carries its id, its properties and the reason", async () => {
    api.control.reset();
    api.control.source({ dockerfile: "RUN false", outcome: "fail", reason: "exit code 1" });
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
    const { error } = await wire.call("Create", { urn: "urn:pulumi:dev::p::daytona:index:Snapshot::agent", properties: { name: "agent", dockerfileContent: "FROM ubuntu:24.04\nRUN false\n" } });
    await wire.close();
    const [detail] = Status.deserializeBinary(error?.metadata as Buffer).getDetailsList();
    expect(detail?.getTypeUrl()).toBe("type.googleapis.com/pulumirpc.ErrorResourceInitFailed");
    const kept = pb.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() as Uint8Array);
    expect(kept.getId()).toBe("agent");
    expect(kept.getProperties()?.toJavaScript()).toMatchObject({ name: "agent", snapshotId: api.control.snapshot("agent")?.id, state: "error" });
    expect(kept.getReasonsList()).toEqual([error?.message]);
    expect(error?.message).toContain("exit code 1");
  });

  test("Cancel ends a wait within two seconds, with the id kept; calls that come later are not touched", async () => {
    api.control.reset();
    api.control.source({ image: "slow:1", outcome: "hang" });
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
    const creating = wire.call("Create", { urn: "urn:pulumi:dev::p::daytona:index:Snapshot::agent", properties: { name: "agent", image: "slow:1" } });
    for (let i = 0; i < 200 && api.control.snapshot("agent")?.state !== "pulling"; i++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await wire.call("Cancel", {})).toEqual({ response: {} });
    const { error } = await Promise.race([creating, new Promise<Answer>((_, reject) => setTimeout(() => reject(new Error("no answer in 5 s")), 5000).unref())]);
    expect(error?.message).toContain(`creating snapshot "agent": interrupted`);
    expect(error?.metadata).toBeDefined();
    expect((await wire.call("Create", { urn: "urn:pulumi:dev::p::daytona:index:Snapshot::other", properties: { name: "other", image: "ubuntu:24.04" } })).error).toBeUndefined();
    await wire.close();
  });

  test("another resource, another function, another schema version", async () => {
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey });
    await wire.call("Configure", { args: {} });
    expect((await wire.call("Create", { urn: "urn:pulumi:dev::p::daytona:index:Box::agent", properties: {} })).error?.message).toBe(`There is no resource "daytona:index:Box"; there is daytona:index:Snapshot.`);
    expect((await wire.call("Invoke", { tok: "daytona:index:getBox", args: {} })).error?.message).toContain(`There is no function "daytona:index:getBox"`);
    expect((await wire.call("GetSchema", { version: 7 })).error?.message).toContain("it serves version 0");
    expect((await wire.call("Construct", {})).error).toMatchObject({ code: 12 });
    await wire.close();
  });
});
