import { isObject, type Json } from "./json";

/** What somebody expects of a document. */
export type Expected = "plan" | "state";

/** A kind of JSON that is told by its keys. */
export interface Kind {
  /** In a sentence that begins with "It is". */
  readonly name: string;
  /** What to do for the one that is expected. */
  readonly instead: Partial<Record<Expected, string>>;
}

const PLAN = "Write a plan with `terraform plan -out=PLAN`, and its JSON with `terraform show -json PLAN`.";
const STATE = "Write the state with `terraform state pull`.";
const STACK = "Write the stack's state with `pulumi stack export`.";
const BOTH = { plan: PLAN, state: STATE } as const;

/** In this order: the first whose keys are there. */
const KINDS: readonly (readonly [is: (it: Json) => boolean, kind: Kind])[] = [
  [
    ({ encrypted_data: it }) => it !== undefined,
    {
      name: "encrypted by OpenTofu",
      instead: {
        plan: "Decrypt it first: `tofu show -json PLAN` writes a readable plan.",
        state: "Decrypt it first: `tofu state pull > state.json` writes a readable state.",
      },
    },
  ],
  [
    (it) => "@level" in it || "@message" in it,
    { name: "the log of a command with -json, such as `terraform plan -json`", instead: BOTH },
  ],
  [
    (it) => "sequence" in it && "timestamp" in it,
    {
      name: "an event log of `pulumi preview` or `pulumi up`",
      instead: { plan: "Specify the project's folder with --pulumi.", state: STACK },
    },
  ],
  [
    (it) => "changeSummary" in it || Array.isArray(it["steps"]),
    {
      name: "the output of `pulumi preview --json`",
      instead: { plan: "Specify the project's folder with --pulumi.", state: STACK },
    },
  ],
  [isExport, { name: "the state of a Pulumi stack", instead: { plan: "Pass it with --state." } }],
  [
    (it) => isObject(it["manifest"]) && "resources" in it,
    {
      name: "the inner part of the state of a Pulumi stack, without its version",
      instead: { plan: STACK, state: STACK },
    },
  ],
  [(it) => "provider_schemas" in it, { name: "the output of `terraform providers schema -json`", instead: BOTH }],
  [(it) => "function_signatures" in it, { name: "the output of `terraform metadata functions -json`", instead: BOTH }],
  [
    (it) => typeof it["valid"] === "boolean" && "diagnostics" in it,
    { name: "the output of `terraform validate -json`", instead: BOTH },
  ],
  [(it) => "provider_selections" in it, { name: "the output of `terraform version -json`", instead: BOTH }],
  [isPlan, { name: "a plan", instead: { state: "Pass it with --plan." } }],
  [
    (it) => "values" in it && "format_version" in it,
    { name: "a state, as `terraform show -json` writes it", instead: { plan: "Pass it with --state." } },
  ],
  [
    (it) => "backend" in it && typeof it["version"] === "number",
    {
      name: "the file in .terraform that says where the state is stored",
      instead: { plan: PLAN, state: `It has no resources. ${STATE}` },
    },
  ],
  [
    (it) => typeof it["version"] === "number" && ("terraform_version" in it || "lineage" in it),
    { name: "a state", instead: { plan: "Pass it with --state." } },
  ],
  [
    (it) => Array.isArray(it["modules"]) && "format_version" in it,
    { name: "the output of `terraform modules -json`", instead: BOTH },
  ],
  [
    (it) => "configuration" in it || ("root_module" in it && "format_version" in it),
    { name: "a configuration, as `show -json` writes it", instead: BOTH },
  ],
  [
    (it) => typeof it["generator"] === "string" && it["generator"].startsWith("daytona-iac "),
    { name: "a report of `daytona-iac drift`", instead: BOTH },
  ],
  [
    (it) => ["resource", "terraform", "provider", "module"].some((key) => isObject(it[key])),
    { name: "Terraform code in JSON", instead: BOTH },
  ],
  [isOutputs, { name: "the output of `terraform output -json`", instead: BOTH }],
];

/** What a JSON object is, by its keys; null: it is none of the documents that are known. */
export function whatIs(it: Json): Kind | null {
  return KINDS.find(([is]) => is(it))?.[1] ?? null;
}

/** Whether JSON is from Pulumi: an export, or a checkpoint file of its backend. */
export function isExport(it: Json): boolean {
  return isObject(it["deployment"]) || isObject(it["checkpoint"]);
}

/** Whether JSON is a plan of `terraform show -json`. */
export function isPlan(it: Json): boolean {
  return [
    "planned_values",
    "resource_changes",
    "resource_drift",
    "output_changes",
    "prior_state",
    "planned_outputs",
  ].some((key) => key in it);
}

function isOutputs(it: Json): boolean {
  const values = Object.values(it);
  return values.length > 0 && values.every((value) => isObject(value) && "sensitive" in value && "value" in value);
}

/** Of an object that is something else, in two sentences. */
export function insteadOf(it: Json, expected: Expected): string {
  const kind = whatIs(it);
  const keys = Object.keys(it)
    .slice(0, 5)
    .map((key) => `"${key}"`);
  if (kind === null)
    return `${keys.length === 0 ? "It is an empty object." : `Its keys are ${keys.join(", ")}.`} ${BOTH[expected]}`;
  return `It is ${kind.name}. ${kind.instead[expected] ?? BOTH[expected]}`;
}
