/** A value that is not known yet (Terraform's unknown, Pulumi's computed value in a preview). */
export const UNKNOWN: unique symbol = Symbol.for("daytona-iac.unknown") as never;
export type Unknown = typeof UNKNOWN;
export type MaybeUnknown<T> = T | Unknown;

export function isUnknown(value: unknown): value is Unknown {
  return value === UNKNOWN;
}
