import { plainSource, type ImageObject } from "../source/image";

/** Whether a string holds a token of the framework (`Token.isUnresolved`). */
export type IsToken = (text: string) => boolean;

/** The source as the generated construct takes it: strings that Terraform reads as templates. */
export interface WrittenSource {
  image: string | undefined;
  dockerfileContent: string | undefined;
  /** Of an `Image` object with local files. */
  contextDir?: string;
  context?: string[];
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
 * @throws Error for an `Image` object that renames files, and for one beside `dockerfileContent`, `contextDir` or `context`.
 */
export function writeSource(
  source: {
    readonly image?: string | ImageObject | undefined;
    readonly dockerfileContent?: string | undefined;
    readonly contextDir?: string | undefined;
    readonly context?: string[] | undefined;
  },
  where: string,
  isToken: IsToken,
): WrittenSource {
  const { image, dockerfileContent, ...files } = plainSource(source, where);
  return {
    ...files,
    image,
    dockerfileContent: dockerfileContent === undefined ? undefined : escapeDockerfile(dockerfileContent, isToken),
  };
}
