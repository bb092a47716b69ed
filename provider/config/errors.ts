/** Something in the provider's configuration is missing or cannot be right. `message` never contains a credential. */
export class ConfigError extends Error {
  /** The argument it is about, camelCase (`apiKey`, `apiUrl`, …), for the face's attribute path. */
  readonly attribute: string;

  constructor(attribute: string, message: string) {
    super(message);
    this.name = "ConfigError";
    this.attribute = attribute;
  }
}
