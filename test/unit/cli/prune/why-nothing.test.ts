import { type Stay, whyNothing } from "../../../../provider/cli/prune/why-nothing";
import type { KeptKind } from "../../../../provider/fleet/prune";
import type { SnapshotDto } from "../../../../provider/lifecycle";

test("why there is nothing to prune: one snapshot is named, more are counted by the reason that keeps them", () => {
  const stay = (name: string, kind: KeptKind, why = "it is kept"): Stay => ({
    dto: { name } as SnapshotDto,
    kept: { kind, why },
  });
  expect(whyNothing([])).toBe("the organization has no snapshots");
  expect(whyNothing([stay("a", "filter", "--filter excludes it")])).toBe(
    '"a", the only snapshot, is kept because --filter excludes it',
  );
  expect(whyNothing([stay("a", "managed"), stay("b", "managed")])).toBe("all 2 snapshots are in a given state");
  const kinds: KeptKind[] = ["elsewhere", "undated", "state", "successor", "sandbox", "filter", "recent", "managed"];
  expect(whyNothing(kinds.map((kind) => stay(kind, kind)))).toBe(
    "of 8 snapshots, 1 is in a given state, 1 was created or used recently (--min-age, --min-idle), 1 is excluded by --filter, " +
      "1 was created from a sandbox, 1 belongs to an unfinished replacement, 1 is changing or in an unknown state, " +
      "1 has a date that cannot be read and 1 belongs to another organization",
  );
  expect(whyNothing([...kinds, ...kinds].map((kind) => stay(kind, kind)))).toBe(
    "of 16 snapshots, 2 are in a given state, 2 were created or used recently (--min-age, --min-idle), 2 are excluded by --filter, " +
      "2 were created from a sandbox, 2 belong to an unfinished replacement, 2 are changing or in an unknown state, " +
      "2 have a date that cannot be read and 2 belong to another organization",
  );
});
