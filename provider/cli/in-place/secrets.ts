import type { AnyInput, InPlaceDefinition, Values } from "../../resources";
import { secretsOf } from "../../resources";
import type { Notice } from "../../kit/notice";
import { type Session, Stop, usage } from "../session";
import { type InPlaceFlags, isOnStdin, stdinFlag, variableOf } from "./flags";

/**
 * The secrets that a command was given: on standard input, or else in the environment. A missing one that is needed is asked for.
 * @param subject `registry "hub"`, for the question
 * @param problemsOf what is wrong with the secrets given; one that is needed is the attribute of a notice if it is null
 * @throws Stop where there is none and nobody to ask
 */
export async function readSecrets(
  session: Session,
  definition: InPlaceDefinition,
  flags: InPlaceFlags,
  subject: string,
  problemsOf: (secrets: Values) => readonly Notice[],
): Promise<Values> {
  const secrets: Record<string, string> = {};
  for (const input of secretsOf(definition.table)) {
    const isNeeded = (): boolean =>
      problemsOf({ ...secrets, [input.name]: null }).some(({ attribute }) => attribute?.[0] === input.name);
    const secret = isOnStdin(input, flags)
      ? await readStdin(session, input, subject)
      : session.io.env[variableOf(definition, input)] ||
        (isNeeded() ? await ask(session, definition, input, subject) : null);
    if (secret === null) continue;
    // An answer of the API could repeat it.
    session.learn(secret);
    secrets[input.name] = secret;
  }
  return secrets;
}

/** All of standard input, without the end of its last line. */
async function readStdin({ io }: Session, input: AnyInput, subject: string): Promise<string> {
  const flag = stdinFlag(input);
  // Standard input is the terminal, which would show what is typed.
  if (io.askSecret !== undefined) return checkAnswer(await io.askSecret(question(input, subject)), input);
  const bytes = (await io.read?.()) ?? "";
  const text = (typeof bytes === "string" ? bytes : decoded(bytes, flag)).replace(/\r?\n$/, "");
  if (text === "") throw usage(`${flag}: standard input is empty`, "Nothing was changed.");
  return text;
}

/** @throws Stop for bytes that are no text, which would be sent as something else */
function decoded(bytes: Uint8Array, flag: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw usage(`${flag}: standard input is not UTF-8 text`, "Nothing was changed.");
  }
}

async function ask({ io }: Session, definition: InPlaceDefinition, input: AnyInput, subject: string): Promise<string> {
  if (io.askSecret === undefined)
    throw usage(
      `a ${input.name} is required, and there is no terminal to ask for it on`,
      `Use ${stdinFlag(input)}, or set ${variableOf(definition, input)}.`,
    );
  return checkAnswer(await io.askSecret(question(input, subject)), input);
}

function question({ name }: AnyInput, subject: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} of ${subject}: `;
}

function checkAnswer(answer: string, { name }: AnyInput): string {
  if (answer === "") throw new Stop({ summary: `no ${name} was given`, detail: "Nothing was changed." });
  return answer;
}
