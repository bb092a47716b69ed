/** What anything has that is built like `Image` of the official SDK. */
interface ImageLike {
  readonly dockerfile: string;
  readonly contextList: readonly unknown[];
}

/**
 * A program's arguments with an `Image` object as its Dockerfile: nothing but plain inputs reaches the engine.
 * @throws Error for one with local files, and for one beside `dockerfileContent`
 */
export function withImage(logicalName: string, args: { readonly image?: unknown; readonly dockerfileContent?: unknown }): Record<string, unknown> {
  const { image } = args;
  if (!isImageLike(image)) return { ...args };
  const fault = (text: string): Error => new Error(`Snapshot "${logicalName}": ${text}`);
  if (args.dockerfileContent !== undefined) throw fault("image and dockerfileContent exclude each other, and an Image object is a Dockerfile as well: give one of them.");
  if (image.contextList.length > 0) {
    throw fault(`the Image object uses local files (${image.contextList.length} in its contextList), which cannot be sent yet. Build it without addLocalFile, addLocalDir and the like, or push the image to a registry and name it in image.`);
  }
  return { ...args, image: undefined, dockerfileContent: image.dockerfile };
}

function isImageLike(image: unknown): image is ImageLike {
  return typeof image === "object" && image !== null && "dockerfile" in image && "contextList" in image && typeof image.dockerfile === "string" && Array.isArray(image.contextList);
}
