import { type Attribute, snakeCase } from "../kit/attribute";
import { inPlaceResources } from "../resources";
import { snapshotTable } from "../resources/snapshot/attributes";
import { didYouMean } from "../kit/text/did-you-mean";
import { globMatches, globOf } from "../kit/text/glob";
import { isObject } from "./read/json";
import { FleetError } from "./resource";

/** Names of everything that can drift, as programs of either kind spell them. */
const ATTRIBUTES: readonly string[] = [snapshotTable, ...inPlaceResources.map(({ table }) => table)]
  .flatMap(({ inputs, outputs }: { inputs: readonly Attribute[]; outputs: readonly Attribute[] }) => [
    ...inputs,
    ...outputs,
  ])
  .flatMap(({ name }) => [name, snakeCase(name)]);

/** What a rule can name, for those who have named something else. */
const WHICH = `Attributes are ${[...new Set(ATTRIBUTES.map(snakeCase))].sort().join(", ")}, also in camelCase; * matches any text.`;

/** Whether a glob can match an attribute: a typo would ignore nothing, without a word. */
const isAttribute = (pattern: string): boolean => ATTRIBUTES.some(glob(pattern));

/** A drift that is known and accepted. */
export interface IgnoreRule {
  /** Glob of a name or an address. */
  readonly name: string;
  /** Glob of an attribute, camelCase or snake_case. */
  readonly attribute: string;
  readonly reason: string | null;
  /** Last day, `YYYY-MM-DD` (UTC); null: for ever. */
  readonly until: string | null;
}

/** A rule from `NAME:ATTRIBUTE`. Names may contain colons, so the last one counts. @throws FleetError */
export function parseIgnore(text: string): IgnoreRule {
  const at = text.lastIndexOf(":");
  if (at <= 0 || at === text.length - 1)
    throw new FleetError(`--ignore ${text} is not NAME:ATTRIBUTE`, 'Both are globs: "agent-*:active", "*:size".');
  const attribute = text.slice(at + 1);
  if (!isAttribute(attribute))
    throw new FleetError(
      `--ignore ${text} matches no attribute`,
      `"${attribute}" is not the name of an attribute.${didYouMean(attribute, ATTRIBUTES)} ${WHICH}`,
    );
  return { name: text.slice(0, at), attribute, reason: null, until: null };
}

/** The rules of a `.daytona-iac.yaml`: `drift: {ignore: [{name, attribute, reason, until}]}`. @param file for messages @throws FleetError */
export function parseConfig(content: unknown, file: string): IgnoreRule[] {
  const wrong = (what: string): FleetError =>
    new FleetError(
      `${file} is not valid`,
      `${what} Expected:\n  drift:\n    ignore:\n      - name: agent-*\n        attribute: active\n        reason: optional\n        until: 2026-12-31`,
    );
  if (content === null || content === undefined) return [];
  if (!isObject(content)) throw wrong("It is not a mapping.");
  const unknown = Object.keys(content).find((key) => key !== "drift");
  if (unknown !== undefined) throw wrong(`"${unknown}" is not a known key.`);
  const { drift } = content;
  if (drift === undefined || drift === null) return [];
  if (!isObject(drift)) throw wrong('"drift" is not a mapping.');
  const other = Object.keys(drift).find((key) => key !== "ignore");
  if (other !== undefined) throw wrong(`"drift.${other}" is not a known key.`);
  const { ignore } = drift;
  if (ignore === undefined || ignore === null) return [];
  if (!Array.isArray(ignore)) throw wrong('"drift.ignore" is not a list.');
  return ignore.map((rule: unknown, at) => parseRule(rule, `drift.ignore[${at}]`, wrong));
}

function parseRule(rule: unknown, where: string, wrong: (what: string) => FleetError): IgnoreRule {
  if (!isObject(rule)) throw wrong(`"${where}" is not a mapping.`);
  const strange = Object.keys(rule).find((key) => !["name", "attribute", "reason", "until"].includes(key));
  if (strange !== undefined) throw wrong(`"${where}.${strange}" is not a known key.`);
  const { name, attribute, reason = null, until = null } = rule;
  if (typeof name !== "string" || typeof attribute !== "string" || name === "" || attribute === "")
    throw wrong(`"${where}" needs a name and an attribute.`);
  if (reason !== null && typeof reason !== "string") throw wrong(`"${where}.reason" is not a string.`);
  // YAML reads a date that stands without quotes as one.
  const day = until instanceof Date ? until.toISOString().slice(0, 10) : until;
  if (day !== null && !isDay(day)) throw wrong(`"${where}.until" is not a date, such as 2026-12-31.`);
  if (!isAttribute(attribute))
    throw wrong(
      `"${where}.attribute" is "${attribute}", which matches no attribute.${didYouMean(attribute, ATTRIBUTES)} ${WHICH}`,
    );
  return { name, attribute, reason, until: day };
}

function isDay(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
}

/** Whether a rule is for a snapshot, by its name or its address. */
export function isFor(rule: IgnoreRule, { name, address }: { name: string | null; address: string }): boolean {
  return [name ?? "", address].some(glob(rule.name));
}

/** The first rule that covers an attribute's drift; null: none does. @param now ms since the epoch */
export function ignoring(
  rules: readonly IgnoreRule[],
  { name, address, attribute }: { name: string | null; address: string; attribute: string },
  now: number,
): IgnoreRule | null {
  if (rules.length === 0) return null;
  const today = new Date(now).toISOString().slice(0, 10);
  const covers = (rule: IgnoreRule): boolean =>
    (rule.until === null || today <= rule.until) &&
    isFor(rule, { name, address }) &&
    [attribute, snakeCase(attribute)].some(glob(rule.attribute));
  return rules.find(covers) ?? null;
}

/** Those of the rules, for each attribute of each snapshot. */
const globs = new Map<string, (text: string) => boolean>();

/** `*` is any text, also with slashes; `?` is one character. */
export function glob(pattern: string): (text: string) => boolean {
  let matches = globs.get(pattern);
  if (matches === undefined) {
    const parts = globOf(pattern);
    globs.set(pattern, (matches = (text) => globMatches(parts, text)));
  }
  return matches;
}
