// The resources that the benches plan: ours, and one of the bare Go plugin that is as wide.
import { goPlugin } from "./go.mjs";
import { Project } from "./ground.mjs";

/** Attributes of ours that `stateOf` leaves out, as they are null. */
const NOT_FILLED = 11;

/** How many attributes our resource has, by a state of `stateOf`. */
export const widthOf = (states) => Object.keys(states[0]).length + NOT_FILLED;

/** `n` of our snapshots. */
export const program = (n) =>
  `resource "daytona_snapshot" "it" {\n  count = ${n}\n  name  = "bench-\${count.index + 1}"\n  image = "ubuntu:24.04"\n}\n`;

/** A project with `n` resources of the bare Go plugin with `width` attributes: what Terraform and a provider cost before any request. */
export const bare = (n, width, options = {}) =>
  new Project({ file: goPlugin(), env: { BARE_ATTRIBUTES: String(width - 1) }, ...options }).write(
    `resource "bare_thing" "it" {\n  count = ${n}\n  name  = "bench-\${count.index + 1}"\n}\n`,
    [
      "bare_thing",
      Array.from({ length: n }, (_, i) =>
        Object.fromEntries([
          ["name", `bench-${i + 1}`],
          ...Array.from({ length: width - 1 }, (_, k) => [
            `attribute_${String(k).padStart(2, "0")}`,
            k % 3 ? `value ${i}` : null,
          ]),
        ]),
      ),
    ],
  );
