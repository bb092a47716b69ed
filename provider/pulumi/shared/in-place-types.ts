import { inPlaceResources } from "../../resources";
import { InPlaceType } from "./in-place";

export { InPlaceType } from "./in-place";

/** Every resource beside the snapshot. */
export const inPlaceTypes: readonly InPlaceType[] = inPlaceResources.map((definition) => new InPlaceType(definition));
