import { Redactor, environmentSecrets } from "../../tool/redactor";
import type { Bag } from "./values";

/** Outputs that reveal something of an input. */
const derived: Readonly<Record<string, readonly string[]>> = {
  image: ["sourceHash", "imageName", "ref", "entrypoint", "errorReason"],
  dockerfileContent: ["sourceHash", "ref", "entrypoint", "errorReason"],
  triggers: ["ref"],
  entrypoint: ["errorReason"],
  region: ["regionIds", "errorReason"],
  gpuTypes: ["gpuType", "errorReason"],
};

/** Outputs that must be secret if these inputs are: the inputs themselves, and what is derived from them. */
export function secretOutputs(secretInputs: Iterable<string>): Set<string> {
  const names = new Set<string>();
  for (const input of secretInputs) {
    names.add(input);
    for (const output of derived[input] ?? []) names.add(output);
  }
  return names;
}

/** A redactor for the credentials in the environment and for these properties of these bags. */
export function redactorOf(
  env: Record<string, string | undefined>,
  ...known: [bag: Bag, names: Iterable<string>][]
): Redactor {
  return known.reduce((redactor, [bag, names]) => learn(redactor, bag, names), new Redactor(environmentSecrets(env)));
}

/** Registers the values of these properties with a redactor. */
export function learn(redactor: Redactor, bag: Bag, names: Iterable<string>): Redactor {
  for (const name of names) redactor.learn(bag[name] ?? null);
  return redactor;
}
