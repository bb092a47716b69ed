import { identifierOf } from "../kit/attribute";
import { inPlaceResources } from "../resources";
import { pushAccessEphemeral } from "./ephemeral/push-access";
import { inPlaceList } from "./list/in-place";
import { snapshotsList } from "./list/snapshots";
import { schemaOf } from "./schema.gen";
import type { Session } from "./session";
import type { TfProvider } from "./types";

export type Later = Required<Pick<TfProvider, "lists" | "ephemerals">>;

/** What `terraform query` finds, and what lives for one command. */
export function later(session: Session): Later {
  return {
    lists: [
      snapshotsList(session, schemaOf("snapshotList")),
      ...inPlaceResources.map((definition) =>
        inPlaceList(session, schemaOf(`${identifierOf(definition.noun)}List`), definition),
      ),
    ],
    ephemerals: [pushAccessEphemeral(session, schemaOf("registryPushAccessEphemeral"))],
  };
}
