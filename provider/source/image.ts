/** An `Image` of the official SDK (`@daytona/sdk`), or anything else that has its Dockerfile. */
export interface ImageObject {
  /** Text of the Dockerfile. */
  readonly dockerfile: string;
  /** Local files that the Dockerfile uses. They cannot be sent yet: an image that has some is refused. */
  readonly contextList: readonly unknown[];
}

/** References to values that are not known yet are not strings either, so an Image object is recognized by its properties. */
export function isImageObject(image: unknown): image is ImageObject {
  return typeof image === "object" && image !== null && "dockerfile" in image && typeof image.dockerfile === "string";
}

/**
 * `image` and `dockerfileContent` as a program writes them, an `Image` object as its Dockerfile; everything else as it is.
 * @param where how an error names the place in the program, such as `Snapshot "agent"`
 * @throws Error for an `Image` object with local files, and for one beside `dockerfileContent`
 */
export function plainSource<I, D>(
  source: { readonly image?: I | undefined; readonly dockerfileContent?: D | undefined },
  where: string,
): { image: Exclude<I, ImageObject> | undefined; dockerfileContent: D | string | undefined } {
  const { image, dockerfileContent } = source;
  if (!isImageObject(image)) return { image: image as Exclude<I, ImageObject> | undefined, dockerfileContent };
  if (dockerfileContent !== undefined) {
    throw new Error(`${where}: image is an Image object, which already contains a Dockerfile, so dockerfileContent cannot be set as well. Remove one of them.`);
  }
  // Written in plain JavaScript it may lack the list.
  const used = (image as Partial<ImageObject>).contextList?.length ?? 0;
  if (used > 0) {
    throw new Error(
      `${where}: the Image object uses local files or folders (${used} in its contextList), which cannot be sent yet. Build it without addLocalFile, `
        + "addLocalDir and the like: fetch the files in a RUN step, or push an image that holds them to a registry and give its name in image.",
    );
  }
  return { image: undefined, dockerfileContent: image.dockerfile };
}
