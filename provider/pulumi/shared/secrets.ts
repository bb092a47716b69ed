import { Redactor, environmentSecrets } from "../../tool/redactor";
import type { Bag } from "./values";

/** Outputs that tell something of an input. */
const derived: Readonly<Record<string, readonly string[]>> = {
  image: ["sourceHash", "imageName", "ref", "entrypoint", "errorReason"],
  dockerfileContent: ["sourceHash", "ref", "entrypoint", "errorReason"],
  triggers: ["ref"],
  entrypoint: ["errorReason"],
  region: ["regionIds", "errorReason"],
  gpuTypes: ["gpuType", "errorReason"],
};

/** Outputs that have to be secrets where these inputs are: themselves, and what derives from them. */
export function secretOutputs(secretInputs: Iterable<string>): Set<string> {
  const names = new Set<string>();
  for (const input of secretInputs) {
    names.add(input);
    for (const output of derived[input] ?? []) names.add(output);
  }
  return names;
}

/** A redactor that knows the environment's credentials and these properties of these bags. */
export function redactorOf(env: Record<string, string | undefined>, ...known: [bag: Bag, names: Iterable<string>][]): Redactor {
  return known.reduce((redactor, [bag, names]) => learn(redactor, bag, names), new Redactor(environmentSecrets(env)));
}

/** Teaches a redactor the values of these properties. */
export function learn(redactor: Redactor, bag: Bag, names: Iterable<string>): Redactor {
  for (const name of names) redactor.learn(bag[name] ?? null);
  return redactor;
}
