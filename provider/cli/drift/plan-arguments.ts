import { parse } from "shell-quote";
import { FleetError } from "../../fleet/resource";
import { usage } from "../session";
import { shellWord } from "../shell-words";

/** Arguments of a plan that stand for themselves; every other one takes a value, which may be the next argument. */
const ALONE = new Set([
  "allow-deferral",
  "compact-warnings",
  "concise",
  "consolidate-errors",
  "consolidate-warnings",
  "destroy",
  "detailed-exitcode",
  "h",
  "help",
  "input",
  "json",
  "light",
  "lock",
  "no-color",
  "refresh",
  "refresh-only",
  "show-sensitive",
]);
/** Ours come last and win over those of the environment. These cannot: what they ask for is another thing than a check. */
const OTHER_PLANS: Readonly<Record<string, string>> = {
  destroy: "A plan with -destroy shows neither drift nor unapplied changes.",
  "refresh-only":
    "A plan with -refresh-only does not compare the configuration, so unapplied changes would be missing.",
  "generate-config-out": "It writes a file, but a check must not change anything.",
  help: "It prints help instead of a plan.",
  h: "It prints help instead of a plan.",
};
/** Those whose opposite the check sets itself. */
const OWN: Readonly<Record<string, string>> = {
  "refresh=false": "Without a refresh, drift is not visible.",
  "lock=true": "A check does not change anything and takes no lock, so that it never blocks an apply.",
  out: "The check discards its plan. To keep a plan, create it with `plan -out`, and pass its `show -json` output with --plan.",
};

interface Flag {
  readonly name: string;
  /** null: none was given, as of `-destroy`. */
  readonly value: string | null;
}

/** The flags of a list, as Go's package `flag` reads it: `-name`, `--name`, `-name=value`, and `-name value` where it is no boolean. */
function flagsOf(args: readonly string[]): Flag[] {
  const flags: Flag[] = [];
  for (let at = 0; at < args.length; at++) {
    const [, name, value] = /^--?([^=-][^=]*)(?:=([\s\S]*))?$/.exec(args[at]!) ?? [];
    if (name === undefined) continue;
    if (value === undefined && !ALONE.has(name)) flags.push({ name, value: args[++at] ?? null });
    else flags.push({ name, value: value ?? null });
  }
  return flags;
}

/** What Go's `strconv.ParseBool` makes of a flag's value. */
const isFalse = ({ value }: Flag): boolean =>
  value !== null && ["0", "f", "F", "false", "FALSE", "False"].includes(value);

function refusalOf(flag: Flag, own: boolean): string | null {
  const { name } = flag;
  if (Object.hasOwn(OTHER_PLANS, name) && !(ALONE.has(name) && isFalse(flag))) return OTHER_PLANS[name]!;
  if (!own) return null;
  if (name === "refresh") return isFalse(flag) ? OWN["refresh=false"]! : null;
  if (name === "lock") return isFalse(flag) ? null : OWN["lock=true"]!;
  return name === "out" ? OWN["out"]! : null;
}

const spelled = ({ name, value }: Flag): string => `-${name}${value === null || !ALONE.has(name) ? "" : `=${value}`}`;

/** Refuses arguments after `--` that make a plan blind, or that the check sets itself. @throws Stop */
export function assertPlanArguments(rest: readonly string[]): void {
  for (const flag of flagsOf(rest)) {
    const why = refusalOf(flag, true);
    if (why !== null) throw usage(`drift cannot plan with ${spelled(flag)}`, `${why} Remove it after "--".`);
  }
}

/** The same for the environment, where only what cannot be overridden matters. @throws FleetError */
export function assertPlanEnvironment(env: NodeJS.ProcessEnv): void {
  for (const variable of ["TF_CLI_ARGS", "TF_CLI_ARGS_plan"]) {
    for (const flag of flagsOf(wordsOf(env[variable]))) {
      const why = refusalOf(flag, false);
      if (why !== null)
        throw new FleetError(`drift cannot plan with ${spelled(flag)}`, `${why} Remove it from ${variable}.`);
    }
  }
}

/** Arguments of a plan that the check needs, after everybody else's: the last one counts. @param file where the plan goes */
export function planArguments(rest: readonly string[], env: NodeJS.ProcessEnv, file: string): string[] {
  const given = new Set(
    flagsOf([...wordsOf(env["TF_CLI_ARGS"]), ...wordsOf(env["TF_CLI_ARGS_plan"]), ...rest]).map(({ name }) => name),
  );
  const undone = ["json", "detailed-exitcode"].filter((name) => given.has(name)).map((name) => `-${name}=false`);
  return ["plan", ...rest, "-refresh=true", "-lock=false", "-input=false", "-no-color", ...undone, `-out=${file}`];
}

/** A variable of arguments, split as a shell does; what Terraform does not expand stays as it is. */
function wordsOf(text: string | undefined): string[] {
  return parse(text ?? "", (name) => `$${name}`).flatMap((word) =>
    typeof word === "string" ? [word] : "pattern" in word ? [word.pattern] : [],
  );
}

/**
 * Arguments as a report shows them, to be pasted. Values of variables may be secret, so they are not repeated: the shell asks for them, because an
 * apply with another value than the check had would change something else.
 */
export function shownArguments(rest: readonly string[]): string[] {
  const shown: string[] = [];
  for (let at = 0; at < rest.length; at++) {
    const [, dashes = "-", joined] = /^(--?)var(?:=([\s\S]*))?$/.exec(rest[at]!) ?? [];
    const pair = joined ?? (/^--?var$/.test(rest[at]!) ? (rest[++at] ?? "") : null);
    if (pair === null) {
      shown.push(shellWord(rest[at]!));
      continue;
    }
    const name = pair.split("=")[0]!.trim();
    shown.push(`${dashes}var "${name.replace(/[^\w-]/g, "")}=\${${name.replace(/\W/g, "_")}:?}"`);
  }
  return shown;
}
