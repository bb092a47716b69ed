import type { Call } from "../call/call";
import { Failure } from "../call/errors";

const NEEDED = ["write:snapshots", "delete:snapshots"];

/** Checks the key once per process, before the first swap: a key that can write but not delete would leave the swap unfinished. `GET /api-keys/current` @throws Failure */
export async function permitted(call: Call): Promise<void> {
  const { shared } = call;
  shared.permissions ??= call.api.currentKey().then(
    (key) => (key ? NEEDED.filter((permission) => !key.permissions.includes(permission)) : null),
    () => null,
  );
  const answer = shared.permissions;
  const missing = await call.deadline.read(() => answer);
  if (!missing || missing.length === 0) return;
  throw new Failure(
    {
      summary: `${call.doing}: the API key lacks ${missing.map((name) => `\`${name}\``).join(" and ")}`,
      detail: "A swap creates and deletes snapshots, so it needs a key with both permissions. Nothing was changed.",
    },
    { code: "forbidden" },
  );
}
