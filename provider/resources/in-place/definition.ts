import type { DaytonaApi } from "../../api/client";
import type { AttributeTable, DataSourceEntry, ListEntry, ResourceEntry } from "../../kit/attribute";
import type { Notice } from "../../kit/notice";
import type { Face } from "../../kit/spell";
import type { AnyInPlaceTable, InPlaceTable, Values } from "./rows";

/** The endpoints of a resource. `get` answers null for a 404; the others throw ApiErrors. */
export interface Endpoints<Dto, Body> {
  list(options?: { signal?: AbortSignal }): Promise<Dto[]>;
  get(id: string, options?: { signal?: AbortSignal }): Promise<Dto | null>;
  create(body: Body, options?: { signal?: AbortSignal }): Promise<Dto>;
  update(id: string, body: Body, options?: { signal?: AbortSignal }): Promise<Dto>;
  delete(id: string, options?: { signal?: AbortSignal }): Promise<void>;
}

/** Everything that the faces need of a resource that is changed in place, as a value. */
export interface InPlaceDefinition {
  /**
   * What messages call it, in words: `registry`, `volume alias`. Terraform `daytona_registry`, `daytona_volume_alias`; Pulumi
   * `daytona:index:VolumeAlias`; on the command line, `volume-alias`.
   */
  readonly noun: string;
  /** The same in the plural, also for the data source that lists all of them: Terraform `daytona_volume_aliases`, Pulumi `getVolumeAliases`. */
  readonly plural: string;
  readonly table: AnyInPlaceTable;
  /** Of the data source. Its outputs: one list of objects, named as `plural` is (`volumeAliases`), and `ids`. */
  readonly listTable: AttributeTable;
  /** What is wrong with a program by itself. Unknown values pass. */
  validate(written: Values, face: Face): Notice[];
  endpoints(api: DaytonaApi): Endpoints<Listed, Values>;
  /** Values of an example, for the help of the command line. A sensitive one is not among them. */
  readonly sample: { readonly name: string } & Values;
  /** What the API calls the permissions, for messages. */
  readonly permissions: { readonly write: string; readonly delete: string };
}

/** What every answer has. */
export type Listed = Values & { readonly id: string; readonly name: string };

/** Makes a definition of a typed table and its endpoints. */
export function defineInPlace<Dto extends { id: string; name: string }, Body>(
  definition: Omit<InPlaceDefinition, "table" | "endpoints"> & {
    table: InPlaceTable<Dto, Body>;
    endpoints(api: DaytonaApi): Endpoints<Dto, Body>;
  },
): InPlaceDefinition {
  return definition as unknown as InPlaceDefinition;
}

/** It as schemas, types and pages present it. */
export function entryOf({ noun, table }: InPlaceDefinition): ResourceEntry {
  const required = table.inputs.filter(({ set }) => set === "required");
  return {
    noun,
    table,
    pulumiId: "UUID",
    replacedBy: [],
    always: [...required, ...table.outputs.filter(({ nullable }) => !nullable)].map(
      ({ name, pulumiName }) => pulumiName ?? name,
    ),
  };
}

/** Its data source. */
export function listEntryOf({ plural, listTable }: InPlaceDefinition): DataSourceEntry {
  return { name: plural, table: listTable };
}

/** What `terraform query` can filter by. */
export function queryEntryOf({ noun, plural }: InPlaceDefinition): ListEntry {
  return {
    noun,
    table: {
      doc: `Finds the ${plural} of the organization.`,
      inputs: [{ name: "nameContains", type: "string", set: "optional", doc: "Part of the name, case-insensitive." }],
      outputs: [],
    },
  };
}
