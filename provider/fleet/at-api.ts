import { baseName } from "../resources/snapshot/names";
import { classify } from "../resources/snapshot/states";
import type { ApiView } from "./api-view";
import { applyUnderWay, type FleetResource, type FleetSource } from "./resource";

/** IDs of what sources manage: one of them that has a name is no stranger. */
export function managedIds(
  sources: readonly { readonly resources?: readonly FleetResource[]; readonly manages?: FleetSource["manages"] }[],
): Set<string> {
  const ids = new Set<string>();
  for (const { resources = [], manages } of sources) {
    for (const { state, seen } of resources) for (const id of [state?.id, seen?.id]) if (id) ids.add(id);
    for (const { ids: known } of manages?.managed ?? []) known.forEach((id) => ids.add(id));
  }
  return ids;
}

/**
 * What the API adds to a plan or preview: when something changed, who has a name that the plan needs, and whether an apply may be under way, because
 * something of the source is in motion.
 * @param ids what all sources manage
 * @param locked a note says already that an apply may be under way
 */
export function withApiView(
  source: FleetSource,
  view: ApiView,
  ids: ReadonlySet<string>,
  locked: boolean,
): FleetSource {
  const byName = new Map(
    source.resources.flatMap((resource): [string, FleetResource][] => {
      const name = resource.state?.name ?? resource.planned?.inputs.name ?? null;
      return name === null ? [] : [[name, resource]];
    }),
  );
  const busy = locked
    ? undefined
    : view.snapshots.find(
        ({ name, state }) =>
          ["settling", "leaving"].includes(classify(state)) && (byName.has(name) || byName.has(baseName(name) ?? "")),
      );
  const owner = busy && (byName.get(busy.name) ?? byName.get(baseName(busy.name)!));
  const called = owner?.sensitive.includes("name") === true ? owner.address : `"${busy?.name}"`;
  return {
    ...source,
    notes: [...source.notes, ...(busy === undefined ? [] : [applyUnderWay(`snapshot ${called} is ${busy.state}`)])],
    resources: source.resources.map((resource) => ({
      ...resource,
      since: view.since(resource.seen?.id ?? null),
      ...holderOf(resource, view, ids),
    })),
  };
}

/** A stranger that has the name which an apply needs. */
export function holderOf(
  resource: FleetResource,
  view: ApiView,
  ids: ReadonlySet<string>,
): { holder?: { id: string } } {
  const name = resource.planned?.inputs.name ?? resource.state?.name ?? null;
  const found = name !== null && needsName(resource, name) ? view.named(name) : undefined;
  return found === undefined || ids.has(found.id) ? {} : { holder: { id: found.id } };
}

/** Whether an apply creates a snapshot under a name that the resource does not have yet. */
function needsName({ state, seen, planned }: FleetResource, name: string): boolean {
  const action = planned?.action;
  if (action === "import") return false;
  return seen === null || ((action === "replace" || action === "replace-keeping") && name !== state?.name);
}
