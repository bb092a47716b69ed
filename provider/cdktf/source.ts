import type { ImageObject } from "./config";

/** Whether a string holds a token of the framework (`Token.isUnresolved`). */
export type IsToken = (text: string) => boolean;

/** The source as the generated construct takes it: strings that Terraform reads as templates. */
export interface WrittenSource {
  image: string | undefined;
  dockerfileContent: string | undefined;
}

/**
 * Dockerfile text as a Terraform template that yields it: `${` -> `$${`, `%{` -> `%%{`. A text that holds a token is
 * meant as a template and left as it is.
 */
export function escapeDockerfile(text: string, isToken: IsToken): string {
  // Also right after another `$`: Terraform reads `$$${X}` as `$${X}`.
  return isToken(text) ? text : text.replace(/[$%]\{/g, (opening) => opening[0] + opening);
}

/**
 * Turns `image` and `dockerfileContent` as users write them into the generated construct's arguments.
 *
 * @param where How the error names the construct: its path.
 * @throws Error where an `Image` copies local files, which cannot be sent yet.
 */
export function writeSource(
  source: { readonly image?: string | ImageObject | undefined; readonly dockerfileContent?: string | undefined },
  where: string,
  isToken: IsToken,
): WrittenSource {
  const { image, dockerfileContent } = source;
  if (isImageObject(image)) {
    if (dockerfileContent !== undefined) throw new Error(`${where}: an Image object brings its Dockerfile; leave out dockerfileContent.`);
    return { image: undefined, dockerfileContent: escapeDockerfile(dockerfileOf(image, where), isToken) };
  }
  return {
    image,
    dockerfileContent: dockerfileContent === undefined ? undefined : escapeDockerfile(dockerfileContent, isToken),
  };
}

/** Tokens for a whole object are no strings either, so an Image is told by what it has. */
export function isImageObject(image: unknown): image is ImageObject {
  return typeof image === "object" && image !== null && "dockerfile" in image && typeof image.dockerfile === "string";
}

function dockerfileOf(image: ImageObject, where: string): string {
  // Written in plain JavaScript an Image may lack the list.
  const copied = image.contextList?.length ?? 0;
  if (copied > 0) {
    throw new Error(
      `${where}: this Image copies local files or folders (${copied} in its contextList), and a build context cannot be sent yet. ` +
        "Fetch them in a RUN step of the Dockerfile, or push an image that holds them to a registry and give its name in image.",
    );
  }
  return image.dockerfile;
}
