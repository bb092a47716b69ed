import { autoName } from "../../snapshot/names";
import type { Notice } from "../../snapshot/record";
import { snapshotTable } from "../../snapshot/attributes";
import { readOnlyWritten } from "../../snapshot/validation/read-only";
import { validateWritten } from "../../snapshot/validation/validate";
import { UNKNOWN, isUnknown } from "../../snapshot/unknown";
import { coerced, inputAttributes, pulumiName, spelled, typeProblem, writtenFrom } from "./properties";
import { type Bag, compact, isInternal, pathText } from "./values";

/** A problem with a property. */
export interface Failure {
  /** Pulumi's property path. */
  property: string;
  reason: string;
}

/** How the engine names a resource without a name. */
export interface Naming {
  /** The name in the URN. */
  logicalName: string;
  /** From the engine's autonaming configuration. */
  proposedName?: string | undefined;
  /** `enforce`: use the proposed name unchanged. `disable`: the program must set a name. Defaults to `propose`. */
  mode?: "propose" | "enforce" | "disable" | undefined;
  /** The same in preview and up, and different for each new resource. Empty if the engine sends none. */
  randomSeed?: Uint8Array | undefined;
}

export interface CheckRequest {
  /** Inputs in the state; null for a new resource, also in a replacement. */
  olds: Bag | null;
  /** Inputs of the program. */
  news: Bag;
  naming: Naming;
  /** Names of the top-level inputs that are secrets. */
  secrets?: ReadonlySet<string>;
}

export interface CheckAnswer {
  /** The inputs with defaults and a name. */
  inputs: Bag;
  failures: Failure[];
}

/** The automatic name of a native resource. null: the engine forbids automatic names. */
export function nativeName(naming: Naming): string | null {
  const { logicalName, proposedName, mode, randomSeed } = naming;
  if (mode === "disable") return null;
  if (proposedName && mode === "enforce") return proposedName;
  if (proposedName) return proposedName.replace(/[^a-zA-Z0-9_.-]+/g, "-").replace(/www\./gi, "www-");
  return autoName(logicalName, randomSeed ?? new Uint8Array());
}

/** The automatic name of a dynamic resource, derived from values that do not change, so that preview and up agree without a seed. */
export function dynamicName(of: { organization: string; project: string; stack: string; type: string; logicalName: string }): string {
  return autoName(of.logicalName, [of.organization, of.project, of.stack, of.type, of.logicalName].join("\n"));
}

/** Check: finds everything that is wrong without asking the API, and fills in defaults and the automatic name. */
export function check(request: CheckRequest): CheckAnswer {
  const { olds, news, naming, secrets = new Set() } = request;
  const failures: Failure[] = [];
  const inputs = compact(news);
  for (const [name, value] of Object.entries(inputs)) {
    if (isInternal(name)) continue;
    const attribute = inputAttributes.find((candidate) => pulumiName(candidate) === name);
    if (attribute === undefined) {
      const [readOnly] = readOnlyWritten(snapshotTable, (output) => spelled(output) === name, spelled);
      failures.push({ property: pathText([name]), reason: readOnly?.detail ?? `A snapshot has no input "${name}". The inputs are ${inputAttributes.map(pulumiName).join(", ")}.` });
      continue;
    }
    inputs[name] = coerced(attribute, value);
    const problem = typeProblem(attribute, inputs[name]);
    if (problem !== null) failures.push({ property: pathText(problem.path), reason: problem.reason });
  }
  for (const attribute of inputAttributes) {
    if (attribute.default !== undefined) inputs[pulumiName(attribute)] ??= attribute.default;
  }

  if (inputs["name"] === undefined) {
    // A name stays once it is set. Only a new resource, also in a replacement, gets another.
    const kept = olds?.["name"];
    const name = typeof kept === "string" ? kept : isUnknown(kept) ? UNKNOWN : nativeName(naming);
    if (name === null) failures.push({ property: "name", reason: "Missing name: automatic names are switched off for this stack (`pulumi:autonaming`). Give `name`." });
    else inputs["name"] = name;
  } else if (secrets.has("name")) {
    failures.push({ property: "name", reason: "The name is a secret, but it is also the resource's id, which Pulumi stores in plaintext. Give a name that is none, or `unsecret` it." });
  }
  // The mark of a dynamic provider. Without it, a stack that switches to the native provider would show a change.
  const provider = olds?.["__provider"];
  if (provider !== undefined && provider !== null) inputs["__provider"] ??= provider;

  if (failures.length === 0) failures.push(...validateWritten(writtenFrom(inputs), "pulumi").map(failureOf));
  return { inputs, failures };
}

function failureOf(notice: Notice): Failure {
  const [first, ...rest] = notice.attribute ?? [];
  const path = typeof first === "string" ? [spelled(first), ...rest] : [];
  return { property: pathText(path), reason: `${notice.summary}: ${notice.detail}` };
}
