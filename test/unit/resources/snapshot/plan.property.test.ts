import fc from "fast-check";
import { hasUnknown } from "../../../../provider/kit/unknown";
import { fromImport, observe, planSnapshot, validateWritten } from "../../../../provider/resources/snapshot";
import type { Planned, Written } from "../../../../provider/resources/snapshot";
import { apply, hide, hideable, plan, program } from "./model";
import { toolWords } from "../../../../provider/terraform/words";

const STATES = [
  "pending",
  "pulling",
  "building",
  "snapshotting",
  "active",
  "inactive",
  "error",
  "build_failed",
  "removing",
  "melting",
  "",
  "__proto__",
  "constructor",
];

/** Terraform's rule: what is written is planned as written. */
function expectConfigKept(config: Written, plan: Planned): void {
  const planned = plan as unknown as Record<string, unknown>;
  for (const [key, value] of Object.entries(config))
    if (value !== null) expect({ [key]: planned[key] }).toEqual({ [key]: value });
}

describe("planning", () => {
  it("uses programs that are valid", () => {
    fc.assert(fc.property(program, (config) => expect(validateWritten(config, "terraform")).toEqual([])));
  });

  it("finds nothing to do after what it planned was done, whatever was there before", () => {
    fc.assert(
      fc.property(fc.array(program, { minLength: 1, maxLength: 4 }), (programs) => {
        let thing = null;
        for (const config of programs) {
          thing = apply(thing, config);
          const again = plan({ dto: thing.dto, record: observe(thing.dto, thing.record) }, config);
          expect(again).toMatchObject({ action: "none", changed: [], replaceBy: [], warnings: [] });
          expect(again.planned).toEqual(thing.record);
        }
      }),
      { numRuns: 250 },
    );
  });

  it("mends every state by what it planned", () => {
    fc.assert(
      fc.property(program, program, fc.constantFrom(...STATES), (first, second, state) => {
        const thing = apply(null, first);
        const drifted = { dto: { ...thing.dto, state }, record: thing.record };
        const mended = apply(drifted, second);
        expect(plan({ dto: mended.dto, record: observe(mended.dto, mended.record) }, second).action).toBe("none");
      }),
      { numRuns: 300 },
    );
  });

  it("keeps what is written, and holds its word about every value that it called known", () => {
    fc.assert(
      fc.property(program, program, fc.constantFrom(...STATES), (first, second, state) => {
        const thing = apply(null, first);
        const drifted = { dto: { ...thing.dto, state }, record: observe({ ...thing.dto, state }, thing.record) };
        const planned = plan(drifted, second);
        expectConfigKept(second, planned.planned);
        if (planned.action === "replace") return;
        const after = apply(drifted, second).record as unknown as Record<string, unknown>;
        for (const [key, value] of Object.entries(planned.planned))
          if (!hasUnknown(value)) expect({ [key]: after[key] }).toEqual({ [key]: value });
        expect(hasUnknown(after)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("never goes back on a plan with unknown values when they become known", () => {
    fc.assert(
      fc.property(
        program,
        fc.option(program, { nil: null, freq: 1 }),
        hideable,
        fc.constantFrom(...STATES),
        fc.boolean(),
        (first, second, hidden, state, imported) => {
          const after = second ?? first;
          const before = hide(after, hidden);
          const thing = apply(null, first);
          const marks = imported ? { imported: true } : {};
          const record = imported
            ? fromImport({ ...thing.dto, state }).record
            : observe({ ...thing.dto, state }, thing.record);
          const early = planSnapshot({
            prior: record,
            marks,
            written: before,
            providerRegion: null,
            words: toolWords(),
          });
          expectConfigKept(before, early.planned);
          if (early.action === "replace") return;
          const late = planSnapshot({ prior: record, marks, written: after, providerRegion: null, words: toolWords() });
          expect(late.action).not.toBe("replace");
          if (early.action === "none") expect(late.action).toBe("none");
          for (const [key, value] of Object.entries(early.planned)) {
            if (!hasUnknown(value))
              expect({ [key]: late.planned[key as keyof typeof late.planned] }).toEqual({ [key]: value });
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("creates from unknown values, too", () => {
    fc.assert(
      fc.property(program, hideable, (config, hidden) => {
        const before = hide(config, hidden);
        const made = plan(null, before);
        expect(made.action).toBe("create");
        expectConfigKept(before, made.planned);
      }),
    );
  });

  it("takes an imported snapshot over without a call when the program says the same", () => {
    fc.assert(
      fc.property(program, (config) => {
        const thing = apply(null, config);
        const { record, marks } = fromImport(thing.dto);
        const first = planSnapshot({ prior: record, marks, written: config, providerRegion: null, words: toolWords() });
        expect(["none", "state-only"]).toContain(first.action);
        const taken = apply({ dto: thing.dto, record }, config, marks);
        expect(taken.dto.id).toBe(thing.dto.id);
        expect(plan(taken, config).action).toBe("none");
      }),
      { numRuns: 250 },
    );
  });
});
