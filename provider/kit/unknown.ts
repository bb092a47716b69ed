/** A value that is not known yet (Terraform's unknown, Pulumi's computed value in a preview). */
export const UNKNOWN: unique symbol = Symbol.for("daytona-iac.unknown") as never;
export type Unknown = typeof UNKNOWN;
export type MaybeUnknown<T> = T | Unknown;

export function isUnknown(value: unknown): value is Unknown {
  return value === UNKNOWN;
}

/** Whether a value is unknown, or holds something unknown (an item of a list, a value of a map). */
export function hasUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

/** The value, where it is known and written. */
export function known<T>(value: T): Exclude<T, symbol | null> | null {
  return value === null || hasUnknown(value) ? null : (value as Exclude<T, symbol | null>);
}
