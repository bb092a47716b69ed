/** Something in the provider configuration is missing or invalid. `message` never contains a credential. */
export class ConfigError extends Error {
  /** The argument that the error is about, in camelCase (`apiKey`, `apiUrl`, …), for the attribute path of the face. */
  readonly attribute: string;

  constructor(attribute: string, message: string) {
    super(message);
    this.name = "ConfigError";
    this.attribute = attribute;
  }
}
