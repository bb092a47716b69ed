import { randomBytes } from "node:crypto";
import type { TfPrivate } from "../../types";

/** The owner of an object in a state: a random text in its private state. */
export function ownerOf(stored: TfPrivate): string | undefined {
  return typeof stored["owner"] === "string" ? stored["owner"] : undefined;
}

export function newOwner(): string {
  return randomBytes(6).toString("base64url");
}

/** Owners of other objects that had the same snapshot when Terraform last read them. */
export function othersOf(stored: TfPrivate): string[] {
  const others = stored["others"];
  return Array.isArray(others) ? others.filter((other): other is string => typeof other === "string") : [];
}

/** Sets the owners of other objects with the same snapshot. */
export function withOthers(stored: TfPrivate, others: readonly string[]): TfPrivate {
  const { others: _, ...rest } = stored;
  return others.length === 0 ? rest : { ...rest, others: [...others].sort() };
}

/** The snapshot whose replacement is being planned: Terraform plans the new object with the private state that the old one's plan returned. */
export function replacedIn(stored: TfPrivate): string | undefined {
  return typeof stored["replaces"] === "string" ? stored["replaces"] : undefined;
}

/** Without what only a plan needs. */
export function lasting(stored: TfPrivate): TfPrivate {
  const { replaces: _, shared: __, ...rest } = stored;
  return rest;
}
