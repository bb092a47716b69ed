import { WrongAddressError } from "./errors";

/** The answer of an endpoint that issues credentials. Its errors name what is wrong, never a value in it. */
export class AccessAnswer {
  private readonly fields: Readonly<Record<string, unknown>>;

  /** @param request `GET /path`, for errors */
  constructor(
    value: unknown,
    private readonly request: string,
  ) {
    this.fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  }

  /** @throws WrongAddressError if the field is missing or empty */
  text(field: string): string {
    const found = this.optional(field);
    if (found === undefined) throw this.unusable(`it has no "${field}"`);
    return found;
  }

  /** A text that goes into the header of a request. @throws WrongAddressError if none can hold it */
  header(field: string): string {
    const found = this.text(field);
    if (/[^\x20-\x7e]/.test(found))
      throw this.unusable(`its "${field}" contains a character that is not allowed in an HTTP header`);
    return found;
  }

  optional(field: string): string | undefined {
    const found = this.fields[field];
    return typeof found === "string" && found !== "" ? found : undefined;
  }

  unusable(why: string): WrongAddressError {
    return new WrongAddressError(
      `the response to ${this.request} cannot be used: ${why}. Check the API URL; it usually ends in /api`,
      { status: 200, request: this.request },
    );
  }
}
