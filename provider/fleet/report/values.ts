import { counted, firstOf } from "../../kit/text/numbers";
import { snakeCase } from "../../kit/attribute";
import type { AttributeChange } from "../judge";
import type { SourceKind } from "../resource";
import type { DriftReport, IgnoredChange, ReportedSnapshot, ReportedSource, ReportedTag } from "./report";

const LONGEST = 60;

/** A value in one line, as a person reads it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "none";
  const text = (typeof value === "string" ? value : JSON.stringify(value)).replace(/\s+/g, " ");
  return text.length > LONGEST && !/^sha256:[0-9a-f]{64}$/.test(text) ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** `active: true → false`, as the source's tool spells the attribute. */
export function changeText({ attribute, from, to }: AttributeChange, kind: string): string {
  if (attribute === "id" && to === null) return `id: ${valueText(from)} → gone`;
  return `${kind === "pulumi" ? attribute : snakeCase(attribute)}: ${valueText(from)} → ${valueText(to)}`;
}

/** Effect, differences and repair of a snapshot, a line each. */
export function detailLines(
  { consequence, driftChanges, programChanges, apply }: ReportedSnapshot,
  kind: string,
): string[] {
  return [
    consequence,
    ...driftChanges.map((change) => changeText(change, kind)),
    ...programChanges.map((change) => `planned: ${changeText(change, kind)}`),
    apply,
  ].filter((line) => line !== "");
}

/** The status in a few words. */
export function statusText({ drifted, notApplied, movedTag }: ReportedSnapshot): string {
  const words = [drifted ? "drift" : "", notApplied ? "unapplied change" : "", movedTag === null ? "" : "tag moved"];
  return words.filter((word) => word !== "").join(", ") || "ok";
}

/** The difference of a tag that has moved. */
export const tagChange = ({ from, to }: ReportedTag): AttributeChange => ({ attribute: "imageDigest", from, to });

/** What is to be known of a tag that has moved, a line each; empty: it has not. */
export function tagLines({ movedTag }: ReportedSnapshot): string[] {
  return movedTag === null ? [] : [movedTag.summary, movedTag.advice];
}

/** `2026-11-27 12:24 UTC (3 hours ago)` */
export function sinceText(since: string | null, now: number): string {
  const ms = Date.parse(since ?? "");
  return Number.isNaN(ms)
    ? ""
    : `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC (${agoText(now - ms)})`;
}

/** `3 hours ago` */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  for (const [unit, size] of [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ] as const) {
    const count = Math.floor(seconds / size);
    if (count >= 1) return `${counted(count, unit)} ago`;
  }
  return "just now";
}

const TITLES: Readonly<Record<SourceKind, string>> = {
  terraform: "Terraform root",
  opentofu: "OpenTofu root",
  cdktf: "CDKTF project",
  pulumi: "Pulumi project",
  plan: "plan",
  state: "state",
};
/** What the head of a report names of what was checked. */
const MOST_CHECKED = 10;

/** `Terraform root infra, workspace prod` */
function placeText({ kind, name, stack, workspace }: ReportedSource): string {
  const more = [
    stack === undefined || name.endsWith(`(${stack})`) ? "" : `stack ${stack}`,
    workspace === undefined ? "" : `workspace ${workspace}`,
  ].filter((text) => text !== "");
  // "Terraform root .." at the end of a sentence would be the parent folder.
  const place = /^[./]+$/.test(name) ? `"${name}"` : name;
  return `${TITLES[kind]} ${name === "-" ? "from standard input" : place}${more.length > 0 ? ` (${more.join(", ")})` : ""}`;
}

/** What the report is about: `Checked: Terraform root infra (workspace prod), state a.tfstate.` Empty: nothing could be read. */
export function checkedText({ sources }: DriftReport): string {
  const checked = sources.filter(({ error }) => error === null).map((source) => placeText(source));
  return checked.length === 0 ? "" : `Checked: ${firstOf(checked, MOST_CHECKED, ", and")}.`;
}

/** Lines about what is beside the snapshots: other resources, notes, ignored and unmanaged ones. */
export function besides(report: DriftReport): string[] {
  const lines: string[] = [];
  for (const { name, others, notes } of report.sources) {
    const parts = [
      others.drifted > 0 ? `${others.drifted} drifted` : "",
      others.notApplied > 0 ? `${others.notApplied} with unapplied changes` : "",
    ].filter((part) => part !== "");
    if (parts.length > 0)
      lines.push(`Not in this report: resources of other providers in ${name} (${parts.join(", ")}).`);
    lines.push(...notes.map((note) => `${name}: ${note}`));
  }
  const ignored = report.snapshots.flatMap((one) => one.ignored.map((change) => ({ one, change })));
  const tags = ignored.filter(({ change }) => change.attribute === "imageDigest");
  const others = ignored.filter(({ change }) => change.attribute !== "imageDigest");
  if (others.length > 0)
    lines.push(
      `${counted(others.length, "drifted attribute is", "drifted attributes are")} ignored: ${listed(others)}.`,
    );
  if (tags.length > 0)
    lines.push(
      `${counted(tags.length, "tag that has moved is", "tags that have moved are")} ignored: ${listed(tags)}.`,
    );
  return lines;
}

/** Which attributes of which snapshots are ignored, why and until when. */
function listed(ignored: readonly { readonly one: ReportedSnapshot; readonly change: IgnoredChange }[]): string {
  const texts = ignored.map(
    ({ one, change: { attribute, reason, until } }) =>
      `${one.name ?? one.address}:${attribute}${reason === null ? "" : ` (${reason}${until === null ? "" : `, until ${until}`})`}`,
  );
  return [...new Set(texts)].join(", ");
}
