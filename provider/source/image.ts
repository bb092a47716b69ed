import { relative, resolve } from "node:path";

/** A local file or folder that an `Image` object uses. */
export interface ImageFile {
  /** Path on this machine. */
  readonly sourcePath: string;
  /** Path in the build context, where the Dockerfile finds it. */
  readonly archivePath: string;
}

/** An `Image` of the official SDK (`@daytona/sdk`), or any object with the same properties. */
export interface ImageObject {
  /** Text of the Dockerfile. */
  readonly dockerfile: string;
  /** Local files and folders that the Dockerfile uses. */
  readonly contextList: readonly ImageFile[];
}

/** References to values that are not known yet are not strings either, so an Image object is recognized by its properties. */
export function isImageObject(image: unknown): image is ImageObject {
  return typeof image === "object" && image !== null && "dockerfile" in image && typeof image.dockerfile === "string";
}

/** The source in the attributes that every tool has. Only what an `Image` object sets is there. */
export interface PlainSource<I, D> {
  image: Exclude<I, ImageObject> | undefined;
  dockerfileContent: D | string | undefined;
  contextDir?: string;
  context?: string[];
}

/**
 * The source as a program writes it, an `Image` object as its Dockerfile with its build context; everything else as it is.
 * @param where how an error names the place in the program, such as `Snapshot "agent"`
 * @throws Error for an `Image` object that renames files, and for one beside `dockerfileContent`, `contextDir` or `context`
 */
export function plainSource<I, D>(
  source: {
    readonly image?: I | undefined;
    readonly dockerfileContent?: D | undefined;
    readonly contextDir?: unknown;
    readonly context?: unknown;
  },
  where: string,
): PlainSource<I, D> {
  const { image, dockerfileContent } = source;
  if (!isImageObject(image)) return { image: image as Exclude<I, ImageObject> | undefined, dockerfileContent };
  for (const name of ["dockerfileContent", "contextDir", "context"] as const) {
    if (source[name] !== undefined && source[name] !== null) {
      throw new Error(
        `${where}: image is an Image object, which already contains a ${name === "dockerfileContent" ? "Dockerfile" : "build context"}, so ${name} cannot be set as well. Remove one of them.`,
      );
    }
  }
  // Written in plain JavaScript it may lack the list.
  const files = (image as Partial<ImageObject>).contextList ?? [];
  if (files.length === 0) return { image: undefined, dockerfileContent: image.dockerfile };
  const found = files.map(({ sourcePath, archivePath }) => {
    const path = cleaned(archivePath);
    const folder = rootOf(sourcePath, path);
    if (folder === null)
      throw new Error(
        `${where}: the Image object sends "${sourcePath}" as "${archivePath}", but a build context cannot rename files. Keep the end of the path the same.`,
      );
    return { path, folder };
  });
  const [first, ...others] = [...new Set(found.map(({ folder }) => folder))];
  const contextDir = others.length === 0 ? (first as string) : ".";
  const context = found.map(({ path, folder }) => (folder === contextDir ? path : pivoted(folder, path)));
  return { image: undefined, dockerfileContent: image.dockerfile, contextDir, context: [...new Set(context)] };
}

/** A path whose part before the dot is where the file lies, and whose part after it is how it is sent; see `listedRoots`. */
function pivoted(folder: string, path: string): string {
  return `${folder.replace(/\/$/, "")}/./${path}`;
}

/** A path with `/`, without `.` parts and without the root. */
function cleaned(path: string): string {
  return (
    path
      .replaceAll("\\", "/")
      .replace(/^[a-z]:/i, "")
      .split("/")
      .filter((part) => part !== "" && part !== ".")
      .join("/") || "."
  );
}

/** The folder in which `archivePath` is `sourcePath`, from the working directory; null: there is none. */
function rootOf(sourcePath: string, archivePath: string): string | null {
  const source = resolve(sourcePath).replaceAll("\\", "/");
  // Parts such as `..` may lead out of the folder; reading the files refuses that.
  const levels = archivePath === "." ? 0 : archivePath.split("/").length;
  const root = archivePath.split("/").includes("..")
    ? resolve(".")
    : resolve(source, ...Array<string>(levels).fill(".."));
  if (resolve(root, archivePath).replaceAll("\\", "/") !== source) return null;
  // The root of the disk is the same everywhere; any other folder is told from the program's.
  const isRoot = resolve(root, "..") === root;
  return isRoot ? root.replaceAll("\\", "/") : relative(resolve("."), root).replaceAll("\\", "/") || ".";
}
