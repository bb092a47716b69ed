import { createClient, type SnapshotApi, type SnapshotDto } from "../../../provider/api";
import { resolveConnection } from "../../../provider/config";
import type { CallContext, Outcome, SnapshotLifecycle } from "../../../provider/lifecycle/contract";
import { createLifecycle } from "../../../provider/lifecycle/lifecycle";
import { type LocalApi, type LocalApiOptions, startLocalApi } from "../../../provider/local";
import {
  type Marks,
  nothingWritten,
  planSnapshot,
  type SnapshotInputs,
  type SnapshotPlan,
  type SnapshotRecord,
  type Written,
} from "../../../provider/resources/snapshot";
import { toolWords } from "../../../provider/terraform/words";

/** A program that writes only what is given. */
export function written(inputs: Partial<SnapshotInputs>): Written {
  return { ...nothingWritten(), ...inputs };
}

export function plan(prior: SnapshotRecord | null, marks: Marks, inputs: Partial<SnapshotInputs>): SnapshotPlan {
  return planSnapshot({ prior, marks, written: written(inputs), providerRegion: null, words: toolWords() });
}

export interface Told {
  progress: string[];
  lines: string[];
  debug: string[];
}

export function told(): Told {
  return { progress: [], lines: [], debug: [] };
}

export function context(options: Partial<CallContext> = {}, heard: Told = told()): CallContext {
  return {
    signal: new AbortController().signal,
    words: toolWords(),
    log: {
      debug: (message) => void heard.debug.push(message),
      progress: (message) => void heard.progress.push(message),
      buildLine: (line) => void heard.lines.push(line),
    },
    ...options,
  };
}

export interface Bench {
  local: LocalApi;
  api: SnapshotApi;
  lifecycle: SnapshotLifecycle;
  /** Another process with the same connection. */
  another(wrap?: (api: SnapshotApi) => SnapshotApi): SnapshotLifecycle;
  /** The same with another key. */
  with(apiKey: string): SnapshotLifecycle;
  /** Own snapshots, name to state. */
  names(): Record<string, string>;
  close(): Promise<void>;
}

/** A local API with quick pulls, the real client, and a lifecycle over it. */
export async function bench(options: LocalApiOptions = {}): Promise<Bench> {
  const local = await startLocalApi({ pullSeconds: 0.05, buildSeconds: 0.05, cronSeconds: 0.02, ...options });
  const clients: SnapshotApi[] = [];
  const client = (apiKey = local.apiKey): SnapshotApi => {
    const connection = resolveConnection({ args: { apiUrl: local.apiUrl, apiKey }, env: {} });
    const api = createClient(connection, { log: { debug: () => undefined } });
    clients.push(api);
    return api;
  };
  const api = client();
  return {
    local,
    api,
    lifecycle: createLifecycle({ api }),
    another: (wrap = (same) => same) => createLifecycle({ api: wrap(client()) }),
    with: (apiKey) => createLifecycle({ api: client(apiKey) }),
    names: () => Object.fromEntries(local.control.snapshots().map((dto: SnapshotDto) => [dto.name, dto.state])),
    async close() {
      for (const each of clients) each.close();
      await local.close();
    },
  };
}

/** Creates it and answers the record; fails loudly where that fails. */
export async function made(lifecycle: SnapshotLifecycle, inputs: Partial<SnapshotInputs>): Promise<SnapshotRecord> {
  return recordOf(await lifecycle.create(plan(null, {}, inputs).planned, context()));
}

export function recordOf(outcome: Outcome): SnapshotRecord {
  if (outcome.error || !outcome.record) throw new Error(`no record: ${JSON.stringify(outcome, null, 2)}`);
  return outcome.record;
}

/** Whole text of a message. */
export function text(notice: { summary: string; detail: string } | undefined): string {
  return notice ? `${notice.summary}\n${notice.detail}` : "";
}
