import { firstOf } from "../../kit/text/numbers";
import { ImageError } from "./image-error";

/** An image of an archive, with its names. */
export interface NamedImage<T> {
  readonly item: T;
  /** The same for the same image: archives list one under several names. */
  readonly id: string;
  /** As messages show them: `docker.io/acme/agent:1`. */
  readonly names: readonly string[];
  /** What chooses it besides. */
  readonly aliases: readonly string[];
}

/** So many names tell what there is. */
const MOST_NAMED = 20;

/**
 * The images that a reference means, each once. An image whose name it is wins over those whose names end with it: with the tag, or with the
 * path without the host.
 * @param reference null: all of them
 * @throws ImageError if there is none
 */
export function imagesNamed<T>(
  images: readonly NamedImage<T>[],
  reference: string | null,
  label: string,
): readonly NamedImage<T>[] {
  if (images.length === 0) throw new ImageError(`${label} contains no image.`);
  if (reference === null) return once(images);
  const [exact, ending] = [
    (name: string) => name === reference,
    (name: string) => name.endsWith(`:${reference}`) || name.endsWith(`/${reference}`),
  ];
  for (const means of [exact, ending]) {
    const found = images.filter(({ names, aliases }) => [...names, ...aliases].some(means));
    if (found.length > 0) return once(found);
  }
  throw new ImageError(`${label} has no image named "${reference}". Images: ${listed(images.flatMap(namesOf))}.`);
}

/**
 * The error for several images of which one has to be chosen.
 * @param what the part of a name that chooses, for the message
 * @param byId whether an image's ID chooses it, where the names do not
 */
export function severalImages<T>(
  found: readonly NamedImage<T>[],
  reference: string | null,
  label: string,
  { what, byId }: { what: "tag" | "name"; byId: boolean },
): ImageError {
  const names = found.flatMap(namesOf);
  const apart = found.every((one) => namesOf(one).some((name) => names.filter((other) => other === name).length === 1));
  if (!apart && byId)
    return new ImageError(
      `${label} has ${found.length} images${reference === null ? "" : ` named "${reference}"`}, and their names do not distinguish them. Add the digest of one to the path, such as ":${found[0]?.id}". Images: ${listed(found.map(({ id }) => id))}.`,
    );
  if (!apart)
    return new ImageError(
      `${label} has ${found.length} images${reference === null ? "" : ` named "${reference}"`}, and their names do not distinguish them. Write an archive with one of them. Images: ${listed(names)}.`,
    );
  return new ImageError(
    reference === null
      ? `${label} has ${found.length} images. Add the ${what} of one to the path, such as ":${names[0]}". Images: ${listed(names)}.`
      : `${label} has ${found.length} images that match "${reference}". Add the full name of one to the path instead, such as ":${names[0]}". Images: ${listed(names)}.`,
  );
}

const namesOf = <T>({ names }: NamedImage<T>): readonly string[] => names;

/** Every image once, with all of its names. */
function once<T>(images: readonly NamedImage<T>[]): readonly NamedImage<T>[] {
  const found = new Map<string, NamedImage<T>>();
  for (const image of images) {
    const before = found.get(image.id);
    const all = (list: "names" | "aliases"): string[] => [...new Set([...(before?.[list] ?? []), ...image[list]])];
    found.set(image.id, {
      item: before?.item ?? image.item,
      id: image.id,
      names: all("names"),
      aliases: all("aliases"),
    });
  }
  return [...found.values()];
}

function listed(names: readonly string[]): string {
  const each = [...new Set(names)];
  return each.length === 0 ? "none with a name" : firstOf(each, MOST_NAMED);
}
