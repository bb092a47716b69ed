import type { Notice } from "../../../kit/notice";
import { snapshotTable } from "../attributes";
import type { Written } from "../record";
import { known } from "../../../kit/unknown";
import { buildOf, toCreateBody } from "../desired";
import { parseDuration } from "../durations";
import { generateName, successorName } from "../names";
import { dockerfileProblem, imageProblem, nameProblem, reservedProblem, textProblem } from "./rules";
import { mustBeWhole } from "../../../kit/text/numbers";
import { isUnknown } from "../../../kit/unknown";
import { type Face, isForTerraform, type Spell, spellFor } from "../../../kit/spell";
import { itemNotices, type Refuse } from "./items";
import { sandboxNotices } from "./validate-sandbox";
import { buildNotices, entrypointNotices, tagNotices } from "./validate-source";

/**
 * Largest JSON body of `POST /snapshots` that is sent. The API's parser stops at 100 KiB (102,400 bytes) and then answers with a misleading 404;
 * the difference is for what a plan does not know yet (the API's defaults, a generated name).
 */
export const MAX_BODY_BYTES = 102_400 - 512;

/**
 * Everything that can be known to be wrong without asking the API. Unknown values are skipped: the check is repeated when they are known.
 * The API's own rules, and those of resource-model.md. Open lists (GPU types, sandbox classes) pass.
 */
export function validateWritten(written: Written, face: Face): Notice[] {
  const spell = spellFor(face);
  const notices: Notice[] = [];
  const refuse = (attribute: (string | number)[], summary: string, detail: string) =>
    notices.push({ attribute, summary, detail });

  exactlyOne(written, SOURCES, "source", spell, notices);
  if (isForTerraform(face)) exactlyOne(written, ["name", "namePrefix"], "name", spell, notices);
  buildNotices(written, spell, refuse);
  sandboxNotices(written, spell, refuse);
  tagNotices(written, spell, refuse);
  textNotices(written, spell, refuse);
  entrypointNotices(written, spell, refuse);
  itemNotices(snapshotTable.inputs, written, spell, refuse);
  amountNotices(written, spell, refuse);
  placeNotices(written, spell, refuse);
  replacementNotice(written, refuse);
  timeoutNotices(written, refuse);
  if (notices.length === 0) bodyNotices(written, refuse, spell);
  return notices;
}

/** Inputs of which a program sets exactly one. */
const SOURCES = ["image", "dockerfile", "dockerfileContent", "localImage", "sourceSandbox"] as const;

/** The texts that name or make the snapshot. */
function textNotices(written: Written, spell: Spell, refuse: Refuse): void {
  type Text = "image" | "dockerfileContent" | "name" | "namePrefix" | "sourceHash";
  const judge = (attribute: Text, what: string, problemOf: (text: string) => string | null) => {
    const text = known(written[attribute]);
    const problem = text === null ? null : problemOf(text);
    if (problem !== null) refuse([attribute], `Invalid ${what}`, problem);
  };
  judge("image", "image", imageProblem);
  judge("dockerfileContent", "Dockerfile", dockerfileProblem);
  judge("name", "snapshot name", nameProblem);
  judge("namePrefix", "name prefix", (prefix) =>
    prefix === ""
      ? `The prefix is empty. Set a prefix, or set ${spell("name")} instead.`
      : nameProblem(generateName(prefix, 0, () => 0)),
  );
  judge("sourceHash", "source hash", (hash) =>
    hash === "" ? `The hash is empty. Remove ${spell("sourceHash")} to have it computed.` : null,
  );
}

function amountNotices(written: Written, spell: Spell, refuse: Refuse): void {
  for (const resource of ["cpu", "memory", "disk", "gpu"] as const) {
    const value = known(written[resource]);
    const problem = value === null ? null : amountProblem(resource, value, spell);
    if (problem !== null) refuse([resource], `Invalid ${resource}`, problem);
  }
}

/** Where sandboxes of the snapshot run. */
function placeNotices(written: Written, spell: Spell, refuse: Refuse): void {
  for (const attribute of ["sandboxClass", "region"] as const) {
    const value = known(written[attribute]);
    if (value === null) continue;
    const problem =
      value.trim() === "" ? `The value is empty. Remove ${spell(attribute)} to use the default.` : textProblem(value);
    if (problem !== null) refuse([attribute], `Invalid ${spell(attribute)}`, problem);
  }
}

function replacementNotice(written: Written, refuse: Refuse): void {
  const replacement = known(written.replacement) as string | null;
  if (replacement === null || replacement === "swap" || replacement === "recreate") return;
  refuse(["replacement"], "Invalid replacement", `"${replacement}" is neither "swap" nor "recreate".`);
}

/** What is wrong with a Dockerfile build whose files have been read: its size, and a last line that is reserved. */
export function validatePrepared(written: Written, face: Face): Notice[] {
  const notices: Notice[] = [];
  if (!written.prepared) return notices;
  const refuse: Refuse = (attribute, summary, detail) => notices.push({ attribute, summary, detail });
  const reserved = reservedProblem(written.prepared.text);
  if (reserved !== null)
    refuse([written.dockerfile === null ? "dockerfileContent" : "dockerfile"], "Invalid Dockerfile", reserved);
  bodyNotices(written, refuse, spellFor(face));
  return notices;
}

function exactlyOne(
  written: Written,
  names: readonly ((typeof SOURCES)[number] | "name" | "namePrefix")[],
  what: string,
  spell: Spell,
  notices: Notice[],
): void {
  const list = `${names.slice(0, -1).map(spell).join(", ")} and ${spell(names.at(-1) as string)}`;
  const set = names.filter((name) => (written[name] ?? null) !== null);
  // An unknown one may still turn out to be null.
  const known = set.filter((name) => !isUnknown(written[name]));
  if (set.length === 0) {
    notices.push({
      attribute: [names[0] as string],
      summary: `Missing ${what}`,
      detail: `Set exactly one of ${list}. ${names.length === 2 ? "Neither" : "None"} is set.`,
    });
  } else if (known.length > 1) {
    const found = names.length === 2 ? "Both are set." : `${known.map(spell).join(" and ")} are set.`;
    notices.push({
      attribute: [known[1] as string],
      summary: `More than one ${what}`,
      detail: `Set exactly one of ${list}. ${found}`,
    });
  }
}

function amountProblem(resource: "cpu" | "memory" | "disk" | "gpu", value: number, spell: Spell): string | null {
  const unit = { cpu: "cores", memory: "GiB", disk: "GiB", gpu: "units" }[resource];
  const least = resource === "gpu" ? 0 : 1;
  // The API stores 32-bit integers, and answers 500 for a fraction.
  const most = resource === "gpu" ? 1 : 2_147_483_647;
  if (Number.isInteger(value) && value >= least && value <= most) return null;
  if (resource === "gpu")
    return `${spell(resource)} must be 0 or 1, because the API gives a sandbox at most one GPU (got ${value}).`;
  return value > most
    ? `${value} ${unit} is more than the API can store.`
    : `${spell(resource)} ${mustBeWhole({ unit, least }, value)}.`;
}

function timeoutNotices(written: Written, refuse: Refuse): void {
  if (isUnknown(written.timeouts) || written.timeouts === null) return;
  for (const call of ["create", "update", "delete"] as const) {
    const text = known(written.timeouts[call] ?? null);
    if (text === null) continue;
    const ms = parseDuration(text);
    if (ms === null)
      refuse(
        ["timeouts", call],
        "Invalid timeout",
        `"${text}" is not a duration. Use a number with a unit, such as "45m", "1h30m" or "90s".`,
      );
    else if (ms <= 0)
      refuse(["timeouts", call], "Invalid timeout", `"${text}" leaves no time at all. Remove it to use the default.`);
  }
}

/** The size of what would be sent; of a program that is valid otherwise. */
function bodyNotices(written: Written, refuse: Refuse, spell: Spell): void {
  const dockerfile = buildOf(written)?.text ?? null;
  if (dockerfile === null && known(written.image) === null) return;
  const name = known(written.name) ?? generateName(known(written.namePrefix) ?? "", 0, () => 0);
  // A swap's successor has the longer name.
  const bytes = Buffer.byteLength(JSON.stringify(toCreateBody(written, successorName(name, ""))));
  if (bytes <= MAX_BODY_BYTES) return;
  const [attribute, what] =
    dockerfile !== null
      ? [written.dockerfile === null ? "dockerfileContent" : "dockerfile", "Dockerfile"]
      : ["image", "request"];
  refuse(
    [attribute],
    `${what === "Dockerfile" ? "Dockerfile" : "Request"} too large`,
    `The request would be ${bytes} bytes of JSON, where line breaks, quotes and backslashes count twice. The API accepts less than 100 KiB (${MAX_BODY_BYTES} bytes are safe). ` +
      (dockerfile !== null
        ? `Shorten the Dockerfile, or build the image elsewhere, push it to a registry and use ${spell("image")}.`
        : "Shorten the values."),
  );
}
