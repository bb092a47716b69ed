import type { Notice } from "../../kit/notice";
import type { Call } from "../call/call";
import { lines } from "./api-failure";
import { words } from "./tool-words";

/** A delete that ends without a request, because the snapshot belongs to another resource as well. */
export function keptNotice(call: Call, { id, name }: { id: string; name: string | null }): Notice {
  return {
    summary: `Snapshot "${name ?? id}" is kept: another resource of this ${words(call).code} manages it`,
    detail: lines(
      `Snapshot ${id} was not deleted. This resource is removed from the state only, and the other one continues to manage the snapshot.`,
      words(call).deleteKept,
    ),
  };
}

/** An update, or a part of one, that would have deleted a snapshot of another resource. */
export function notReplacedNotice(call: Call, { id, name }: { id: string; name: string | null }): Notice {
  return {
    summary: `${call.doing}: another resource of this ${words(call).code} manages the snapshot as well`,
    detail: lines(
      `The change would delete snapshot "${name ?? id}" (${id}), so it was rejected. Only one resource can manage a snapshot. ${words(call).oneOwner}`,
    ),
  };
}
