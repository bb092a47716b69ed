import type { DataSourceEntry, EphemeralEntry, ListEntry, ResourceEntry } from "../kit/attribute";
import { type InPlaceDefinition, entryOf, listEntryOf, queryEntryOf } from "./in-place/definition";
import { regionsTable } from "./regions/attributes";
import { registryDefinition } from "./registry/definition";
import { pushAccessTable } from "./registry/push-access";
import { snapshotList } from "./snapshot/attributes/list";
import { snapshotDataSources, snapshotEntry } from "./snapshot/definition";

/** The resources that one request creates and another changes in place. */
export const inPlaceResources: readonly InPlaceDefinition[] = [registryDefinition];

/** Every resource. Faces, generators and documentation read this list. */
export const resources: readonly ResourceEntry[] = [snapshotEntry, ...inPlaceResources.map(entryOf)];

/** Every data source. */
export const dataSources: readonly DataSourceEntry[] = [
  ...snapshotDataSources,
  { name: "regions", table: regionsTable },
  ...inPlaceResources.map(listEntryOf),
];

/** Everything that `terraform query` can find. */
export const lists: readonly ListEntry[] = [
  { noun: "snapshot", table: snapshotList },
  ...inPlaceResources.map(queryEntryOf),
];

/** Every ephemeral resource. */
export const ephemerals: readonly EphemeralEntry[] = [{ name: "registry push access", table: pushAccessTable }];

export type { Endpoints, InPlaceDefinition, Listed } from "./in-place/definition";
export { bodyOf } from "./in-place/body";
export { commonInputs, planChange, type PlannedChange, secretsOf, withoutSecrets } from "./in-place/change";
export { chooseOne, summaryOf } from "./in-place/choose";
export { listedValues, observe } from "./in-place/observe";
export { type InPlacePlan, means, planInPlace } from "./in-place/plan";
export type { AnyInPlaceTable, AnyInput, Values } from "./in-place/rows";
