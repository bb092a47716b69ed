import { writeFileSync } from "node:fs";
import type { Io } from "../../../../provider/cli/io";
import { runPrune } from "../../../../provider/cli/prune/command";
import type { Ran } from "../snapshot/run";
import { raw, resource } from "../../fleet/states";
import { world } from "../world";

export const DAY = 86_400_000;
export const here = world({ cronSeconds: 0.02 });

export async function run(args: string[], more: Partial<Io> = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  const env = { DAYTONA_API_URL: here.api.apiUrl, DAYTONA_API_KEY: here.api.apiKey, HOME: "/nonexistent" };
  const code = await runPrune([...args, "-q"], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env,
    ...more,
  });
  return { code, out, err };
}

export const old = (name: string, more: Record<string, unknown> = {}): string =>
  here.api.control.insert({
    name,
    createdAt: Date.now() - 100 * DAY,
    lastUsedAt: Date.now() - 50 * DAY,
    size: 2,
    ...more,
  });
/** A state with these snapshots. */
export function stateOf(...known: [id: string, name: string][]): string {
  const instances = known.map(([id, name]) => ({ index_key: name, attributes: { id, name } }));
  return write("state.json", raw(resource({}, { instances })));
}
export const found = ({ out }: Ran): Record<string, string> =>
  Object.fromEntries(
    (JSON.parse(out) as { candidates: { name: string; reason: string }[] }).candidates.map(({ name, reason }) => [
      name,
      reason,
    ]),
  );

export const UUIDS = ["11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"] as const;
export const write = (file: string, content: unknown): string => {
  writeFileSync(file, JSON.stringify(content));
  return file;
};
export const names = (): string[] =>
  here.api.control
    .snapshots()
    .map(({ name }) => name)
    .sort();
export const NOW = ["--min-age", "0", "--min-idle", "0"];

/** The API answers with these fields instead of its own. */
export function answering(name: string, more: Record<string, unknown>): void {
  const items = here.api.control.snapshots().map((dto) => (dto.name === name ? { ...dto, ...more } : dto));
  const changed = items.find((dto) => dto.name === name)!;
  here.api.control.fault({ method: "GET", path: changed.id, times: -1, action: "answer", status: 200, body: changed });
  here.api.control.fault({
    kind: "list",
    times: -1,
    action: "answer",
    status: 200,
    body: { items, total: items.length, page: 1, totalPages: 1 },
  });
}
