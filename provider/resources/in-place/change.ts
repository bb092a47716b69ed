import type { Notice } from "../../kit/notice";
import type { Face } from "../../kit/spell";
import type { InPlaceDefinition, Listed } from "./definition";
import { observe } from "./observe";
import { type InPlacePlan, planInPlace } from "./plan";
import type { AnyInPlaceTable, AnyInput, Values } from "./rows";

export interface PlannedChange {
  /** What exists, as a record. */
  readonly prior: Values;
  readonly plan: InPlacePlan;
  /** What is wrong with the given values. What exists already is the API's affair. */
  readonly notices: Notice[];
}

/** A change of single values, for a tool without programs: what is not given stays. @param dto the API's answer */
export function planChange(definition: InPlaceDefinition, dto: Listed, given: Values, face: Face): PlannedChange {
  const { table } = definition;
  const prior = observe(table, null, dto);
  // Nor is a secret missing that is not given: the API has one that no answer shows.
  const notices = definition
    .validate({ ...prior, ...given }, face)
    .filter(({ attribute }) => attribute === undefined || attribute[0]! in given);
  return { prior, plan: planInPlace(table, prior, { ...prior, ...given }), notices };
}

/** Inputs that every tool has, not Terraform alone. */
export function commonInputs({ inputs }: AnyInPlaceTable): AnyInput[] {
  return inputs.filter(({ only }) => only === undefined);
}

/** Those of them that no answer has. */
export function secretsOf(table: AnyInPlaceTable): AnyInput[] {
  return commonInputs(table).filter(({ sent, read }) => sent !== undefined && read === undefined);
}

/** An answer of the API for people and programs: without a secret, even if a server sends one. */
export function withoutSecrets<Dto extends Values>(table: AnyInPlaceTable, dto: Dto): Dto {
  const secret = table.inputs.filter(({ sensitive }) => sensitive === true).map(({ sent }) => sent);
  return Object.fromEntries(Object.entries(dto).filter(([field]) => !secret.includes(field))) as Dto;
}
