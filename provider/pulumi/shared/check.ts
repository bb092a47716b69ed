import { autoName } from "../../resources/snapshot/names";
import type { Notice } from "../../kit/notice";
import { snapshotTable } from "../../resources/snapshot/attributes";
import { validateWritten } from "../../resources/snapshot/validation/validate";
import { UNKNOWN, isUnknown } from "../../kit/unknown";
import { checkInputs, inputAttributes, pulumiName, spelled, writtenFrom } from "./properties";
import type { Keepers } from "./keepers";
import { type Bag, type Value, compact, pathText } from "./values";

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
export function dynamicName(of: {
  organization: string;
  project: string;
  stack: string;
  type: string;
  logicalName: string;
}): string {
  return autoName(of.logicalName, [of.organization, of.project, of.stack, of.type, of.logicalName].join("\n"));
}

const SECRET_NAME =
  "The name is a secret, but it is also the resource's ID, which Pulumi stores in plaintext. Set a name that is not a secret, or use `unsecret`.";
const NO_NAME = "Missing name: automatic names are disabled for this stack (`pulumi:autonaming`). Set `name`.";

/** A name stays once it is set. Only a new resource, also in a replacement, gets another. null: the engine forbids automatic names. */
function automaticName(olds: Bag | null, naming: Naming): Value {
  const kept = olds?.["name"];
  if (typeof kept === "string") return kept;
  return isUnknown(kept) ? UNKNOWN : nativeName(naming);
}

/** Check: finds everything that is wrong without asking the API, and fills in defaults and the automatic name. */
export function check(request: CheckRequest): CheckAnswer {
  const { olds, news, naming, secrets = new Set() } = request;
  const inputs = compact(news);
  const failures: Failure[] = checkInputs(inputs, {
    noun: "snapshot",
    table: snapshotTable,
    inputs: inputAttributes,
    spelled,
  });
  for (const attribute of inputAttributes) {
    if (attribute.default !== undefined) inputs[pulumiName(attribute)] ??= attribute.default;
  }

  if (inputs["name"] !== undefined) {
    if (secrets.has("name")) failures.push({ property: "name", reason: SECRET_NAME });
  } else {
    const name = automaticName(olds, naming);
    if (name === null) failures.push({ property: "name", reason: NO_NAME });
    else inputs["name"] = name;
  }
  // The mark of a dynamic provider. Without it, a stack that switches to the native provider would show a change.
  const provider = olds?.["__provider"];
  if (provider !== undefined && provider !== null) inputs["__provider"] ??= provider;

  if (failures.length === 0) failures.push(...validateWritten(writtenFrom(inputs), "pulumi").map(failureOf));
  return { inputs, failures };
}

/** What is wrong with a name that another resource of the program has as well. @param by URN, or another text that is the same in every call about the resource */
export function nameFailure({ keepers }: { keepers: Keepers }, name: Value | undefined, by: string): Failure[] {
  const holder = typeof name === "string" ? keepers.nameTaken(name, by) : null;
  if (holder === null) return [];
  return [
    {
      property: "name",
      reason: `the name "${String(name)}" is already taken\nAnother resource in this program has the name: ${holder}. Two resources cannot share a name. Rename one of them, or remove it.`,
    },
  ];
}

function failureOf(notice: Notice): Failure {
  const [first, ...rest] = notice.attribute ?? [];
  const path = typeof first === "string" ? [spelled(first), ...rest] : [];
  return { property: pathText(path), reason: `${notice.summary}: ${notice.detail}` };
}
