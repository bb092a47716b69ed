import type { Outcome, SnapshotLifecycle } from "../../../../provider/lifecycle/contract";
import type { Connected } from "../../../../provider/terraform/ports";
import { Session } from "../../../../provider/terraform/session";
import type { TfCall, TfObject } from "../../../../provider/terraform/types";

export const call: TfCall = { signal: new AbortController().signal, log: () => undefined };

/** A call whose log lines are kept. */
export function loggingCall(): TfCall & { lines: [string, string][]; fields: unknown[] } {
  const lines: [string, string][] = [];
  const fields: unknown[] = [];
  return {
    lines,
    fields,
    signal: new AbortController().signal,
    log: (level, message, more) => (lines.push([level, message]), fields.push(more)),
  };
}

/** A configured session over a lifecycle of which only what a test needs is there. */
export function sessionWith(
  lifecycle: Partial<SnapshotLifecycle>,
  rest: Partial<Connected> = {},
  config: TfObject = {},
): Session {
  const session = new Session(
    () =>
      ({
        lifecycle: lifecycle as SnapshotLifecycle,
        region: null,
        connection: {
          sources: { credentials: "DAYTONA_API_KEY", apiUrl: "DAYTONA_API_URL", region: "the organization's default" },
        },
        getSnapshot: () => Promise.resolve(null),
        listSnapshots: () => Promise.resolve([]),
        regions: () => Promise.resolve([]),
        close: () => undefined,
        ...rest,
      }) as unknown as Connected,
  );
  session.configure(config, "1.11.4", call);
  return session;
}

export function outcome(parts: Partial<Outcome>): Outcome {
  return { record: null, marks: {}, warnings: [], ...parts };
}
