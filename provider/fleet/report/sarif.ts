import { createHash } from "node:crypto";
import { type DriftReport, isNews, type ReportedSnapshot } from "./report";
import { detailLines, tagLines } from "./values";

const RULES = [
  {
    id: "daytona-drift",
    name: "SnapshotDrift",
    level: "error",
    short: "A snapshot differs from the state",
    full: "A snapshot at Daytona differs from the state that the last apply left: it is deleted, inactive, failed or changed.",
  },
  {
    id: "daytona-not-applied",
    name: "SnapshotNotApplied",
    level: "warning",
    short: "A change has not been applied",
    full: "The configuration or program differs from the state: an apply would change a snapshot.",
  },
  {
    id: "daytona-tag-moved",
    name: "SnapshotTagMoved",
    level: "note",
    short: "The tag of a snapshot's image has moved",
    full: "The tag in the registry has new content since the snapshot was created. The snapshot keeps its content: this is neither drift nor an unapplied change.",
  },
] as const;
const [DRIFT, NOT_APPLIED, TAG_MOVED] = RULES;
type Rule = (typeof RULES)[number];

/** The report as SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
export function asSarif(report: DriftReport, version: string): string {
  const results = report.snapshots.flatMap((one) => [
    ...(isNews(one) ? [newsOf(report, one)] : []),
    ...(one.movedTag === null ? [] : [resultOf(report, one, TAG_MOVED, tagLines(one))]),
  ]);
  const notifications = report.sources.flatMap(({ name, error }) =>
    error === null ? [] : [{ level: "error", message: { text: `${name}: ${error.summary}\n${error.detail}` } }],
  );
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "daytona-iac drift",
            semanticVersion: version,
            rules: RULES.map(({ id, name, level, short, full }) => ({
              id,
              name,
              shortDescription: { text: short },
              fullDescription: { text: full },
              defaultConfiguration: { level },
            })),
          },
        },
        invocations: [
          {
            executionSuccessful: notifications.length === 0,
            endTimeUtc: report.generatedAt,
            toolExecutionNotifications: notifications,
          },
        ],
        results,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function newsOf(report: DriftReport, one: ReportedSnapshot): object {
  const { kind } = report.sources[one.source]!;
  return resultOf(report, one, one.drifted ? DRIFT : NOT_APPLIED, [one.summary, ...detailLines(one, kind)]);
}

function resultOf(report: DriftReport, one: ReportedSnapshot, rule: Rule, lines: readonly string[]): object {
  const { kind, name } = report.sources[one.source]!;
  return {
    ruleId: rule.id,
    ruleIndex: RULES.indexOf(rule),
    level: rule.level,
    message: { text: `${one.address}: ${lines.join("\n")}` },
    // Code scanning needs a file. Only the folder is known.
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: fileOf(kind, name) }, region: { startLine: 1 } },
        logicalLocations: [{ fullyQualifiedName: one.address, kind: "resource" }],
      },
    ],
    // The same alert in the next run, whatever else changed.
    partialFingerprints: {
      "daytonaSnapshot/v1": createHash("sha256")
        .update(JSON.stringify([rule.id, name, one.address]))
        .digest("hex"),
    },
  };
}

function fileOf(kind: string, name: string): string {
  const folder = name.replace(/ \(.*\)$/, "").replaceAll("\\", "/");
  const file =
    kind === "pulumi"
      ? "Pulumi.yaml"
      : kind === "cdktf"
        ? "cdktf.json"
        : kind === "plan" || kind === "state"
          ? ""
          : "main.tf";
  const path =
    [folder === "." || folder === "-" ? "" : folder, file].filter((part) => part !== "").join("/") || "main.tf";
  return path.split("/").map(encodeURIComponent).join("/");
}
