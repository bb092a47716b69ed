import { readFileSync } from "node:fs";
import { join } from "node:path";
import { judge } from "../../../provider/fleet/judge";
import { readPreview } from "../../../provider/fleet/read/pulumi";

/** The event log of `pulumi preview --refresh` by CLI 3.260, of a stack with four drifts; without its debug messages. */
const log = readFileSync(join(__dirname, "preview-events.jsonl"), "utf8");

test("the event log of a preview tells drift and what is not applied apart", () => {
  const { resources, others } = readPreview(log, "the preview");
  const found = Object.fromEntries(
    resources.map((resource) => {
      const { happened, notApplied } = judge(resource);
      return [resource.address, [happened, notApplied?.map(({ attribute }) => attribute) ?? null]];
    }),
  );
  expect(found).toEqual({
    idle: ["idle", null],
    failed: ["failed", null],
    gone: ["gone", null],
    ok: [null, null],
    changed: [null, ["image"]],
  });
  expect(others).toEqual({ drifted: 0, notApplied: 0 });
  expect(resources.find(({ address }) => address === "ok")!.sensitive).toEqual(["buildArgs"]);
});

const lines = log.trim().split("\n");
const summary = lines.findIndex((line) => line.includes('"summaryEvent"'));
test.each<[string, string, RegExp]>([
  ["cut off", lines.slice(0, 10).join("\n"), /^p was cut off\nIts log is incomplete\. Run the command again\.$/],
  ["in the middle of a line", log.slice(0, 5_000), /^p cannot be read\nIt is not complete JSON/],
  [
    "failed",
    [
      ...lines.slice(0, summary),
      JSON.stringify({ diagnosticEvent: { severity: "error", message: "no\n" } }),
      JSON.stringify({ diagnosticEvent: { severity: "error", message: "preview failed\n" } }),
      lines[summary],
    ].join("\n"),
    /^p failed\nno$/,
  ],
  [
    "failed without a message",
    lines.map((line) => line.replace('"result":"succeeded"', '"result":"failed"')).join("\n"),
    /^p failed\nPulumi says: failed\.$/,
  ],
])("a preview that was %s is an error", (_what, text, message) =>
  expect(() => readPreview(text, "p")).toThrow(message),
);
