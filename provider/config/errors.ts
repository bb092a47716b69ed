import { Failure } from "../kit/failure";

/** Something in the provider configuration is missing or invalid. `message` never contains a credential. */
export class ConfigError extends Failure {
  /** @param attribute the argument that the error is about, in camelCase (`apiKey`, `apiUrl`, …), for the attribute path of the face */
  constructor(
    readonly attribute: string,
    message: string,
  ) {
    super({ summary: message, detail: "", attribute: [attribute] }, { code: "invalid" });
  }
}

/** Nothing says whose account is meant, or what says so outside of the program has no credentials. Only a request needs them. */
export class NoCredentialsError extends ConfigError {}
