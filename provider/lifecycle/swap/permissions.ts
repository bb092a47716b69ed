import type { Planned } from "../../resources/snapshot/record";
import type { Call } from "../call/call";
import { Failure } from "../call/errors";
import { sandboxOf } from "../sandbox/read-sandbox";

/** Checks the key before a swap, read once per process: a key that can write but not delete would leave the swap unfinished. `GET /api-keys/current` @throws Failure */
export async function permitted(call: Call, planned: Planned): Promise<void> {
  const { shared } = call;
  shared.permissions ??= call.api.currentKey().then(
    (key) => key?.permissions ?? null,
    () => null,
  );
  const answer = shared.permissions;
  const permissions = await call.deadline.read(() => answer);
  if (permissions === null) return;
  // The server wants that of sandboxes for a snapshot of one.
  const needed = [sandboxOf(planned) === null ? "write:snapshots" : "write:sandboxes", "delete:snapshots"];
  const missing = needed.filter((permission) => !permissions.includes(permission));
  if (missing.length === 0) return;
  throw new Failure(
    {
      summary: `${call.doing}: the API key lacks ${missing.map((name) => `\`${name}\``).join(" and ")}`,
      detail: "A swap creates and deletes snapshots, so it needs a key with both permissions. Nothing was changed.",
    },
    { code: "forbidden" },
  );
}
