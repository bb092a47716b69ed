import { snakeCase } from "../../kit/attribute";
import { SENSITIVE } from "../judge";
import type { FleetResource, SourceKind } from "../resource";
import type { ReportedTag } from "./report";

/** What the report says of a tag that has moved; null: it has not. Spells attributes as the source's tool does. */
export function reportedTag(resource: FleetResource, kind: SourceKind): ReportedTag | null {
  const { movedTag: moved, sensitive } = resource;
  if (moved === undefined) return null;
  const hidden = ["image", "imageDigest"].some((name) => sensitive.includes(name));
  const { image, from, to } = hidden ? { image: SENSITIVE, from: SENSITIVE, to: SENSITIVE } : moved;
  return {
    image,
    from,
    to,
    summary: hidden
      ? "The tag of its image, which is sensitive, has moved."
      : `The tag has moved: ${image} was ${from} when the snapshot was created, and is ${to} now.`,
    advice: adviceFor(resource, (name) => (kind === "pulumi" ? name : snakeCase(name))),
  };
}

function adviceFor({ seen, planned }: FleetResource, spell: (name: string) => string): string {
  const is = (name: "trackTag" | "pinDigest"): boolean => (planned?.inputs[name] ?? seen?.[name]) === true;
  if (is("trackTag"))
    return `The snapshot keeps its content until the next plan and apply, which replace it because ${spell("trackTag")} is true.`;
  return (
    `The snapshot keeps its content. To replace it whenever the tag moves, set ${spell("trackTag")} to true. ` +
    `To replace it once, ${is("pinDigest") ? "" : `set ${spell("pinDigest")} to true and `}change ${spell("triggers")}.`
  );
}
