import type { SnapshotApi } from "../../../../provider/api";

/** The process is dead: it neither asks nor hears anything any more. */
export class Killed extends Error {}

const CHANGES = ["create", "delete", "activate", "deactivate"] as const;
const READS = ["get", "read", "list", "listAll", "currentKey", "pushAccess", "registryAccess"] as const;

/**
 * A process that dies at its n-th call (0: the first): `before` it is sent, or `after` it took effect at the API, unheard.
 * `count` tells how many calls were made.
 */
export function mortal(
  api: SnapshotApi,
  at: number,
  when: "before" | "after",
): { api: SnapshotApi; count(): number; calls: string[] } {
  const calls: string[] = [];
  const wrapped: Record<string, unknown> = Object.create(api) as Record<string, unknown>;
  const methods = api as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const method of [...CHANGES, ...READS]) {
    wrapped[method] = async (...args: unknown[]) => {
      const n = calls.push(method) - 1;
      if (n > at || (n === at && when === "before")) throw new Killed(method);
      const answer = await methods[method]!.apply(api, args);
      if (n >= at) throw new Killed(method);
      return answer;
    };
  }
  return { api: wrapped as unknown as SnapshotApi, count: () => calls.length, calls };
}
