import { Option } from "commander";
import {
  type AnyInput,
  type AnyInPlaceTable,
  commonInputs,
  type InPlaceDefinition,
  secretsOf,
  type Values,
} from "../../resources";
import { camelCase, firstSentence, identifierOf, snakeCase, spellDoc } from "../../kit/attribute";
import { flagOf } from "../../kit/spell";
import { collect, whole } from "../run-command";
import type { CommonFlags } from "../session";

/** Flags of a command for a resource that is changed in place. Those of its inputs are known by its table only. */
export interface InPlaceFlags extends CommonFlags {
  [flag: string]: unknown;
}

/** How a flag's text becomes a value. A type that is not here has no flag yet. */
const PARSERS: Readonly<Record<string, typeof whole | typeof collect | null>> = {
  string: null,
  integer: whole,
  "string-list": collect,
};

/** A flag for each input that the command line writes as it is, so not for secrets. @throws TypeError for a type that has none */
export function optionsOf(table: AnyInPlaceTable, call: "create" | "update"): Option[] {
  return writable(table)
    .filter(({ name }) => call === "update" || name !== "name")
    .map((input) => {
      const word = wordOf(input);
      const option = new Option(
        `--${word} <${word}>`,
        `${describe(input)}${call === "update" && input.none === "" ? '; "" removes it' : ""}`,
      );
      const parse = PARSERS[String(input.type)];
      if (parse === undefined) throw new TypeError(`the command line has no flag for the type of "${input.name}"`);
      if (parse !== null) option.argParser(parse as (value: string) => unknown);
      return option.makeOptionMandatory(call === "create" && input.set === "required");
    });
}

/** A flag for each secret, which takes no value. */
export function secretOptionsOf(table: AnyInPlaceTable): Option[] {
  return secretsOf(table).map(
    (input) =>
      new Option(
        `--${stdinWord(input)}`,
        `${describe(input)}, read from standard input; on a terminal, the command asks for it without echo`,
      ),
  );
}

/** The values that flags write, by the names of the inputs. */
export function givenBy(table: AnyInPlaceTable, flags: InPlaceFlags): Values {
  const given = writable(table).map((input) => [input.name, flags[attributeOf(wordOf(input))]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

/** Whether a secret is to be read from standard input. */
export function isOnStdin(input: AnyInput, flags: InPlaceFlags): boolean {
  return flags[attributeOf(stdinWord(input))] === true;
}

/** `--password-stdin` */
export function stdinFlag(input: AnyInput): string {
  return `--${stdinWord(input)}`;
}

/** `DAYTONA_IAC_REGISTRY_PASSWORD` */
export function variableOf({ noun }: InPlaceDefinition, { name }: AnyInput): string {
  return `DAYTONA_IAC_${snakeCase(identifierOf(noun))}_${snakeCase(name)}`.toUpperCase();
}

function writable(table: AnyInPlaceTable): AnyInput[] {
  const secrets = secretsOf(table);
  return commonInputs(table).filter((input) => !secrets.includes(input));
}

/** The flag without its dashes. A name is an argument where it says which one is meant, but can be changed by a flag. */
function wordOf({ name }: AnyInput): string {
  return name === "name" ? name : flagOf(name).slice(2);
}

function stdinWord(input: AnyInput): string {
  return `${wordOf(input)}-stdin`;
}

/** Where commander has the value of a flag. */
function attributeOf(word: string): string {
  return camelCase(word.replaceAll("-", "_"));
}

function describe({ doc }: AnyInput): string {
  return firstSentence(spellDoc(doc, flagOf));
}
