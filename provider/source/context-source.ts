/** The files of the build context that one instruction of a Dockerfile names, with variables already expanded. */
export interface ContextSource {
  /** Line of the Dockerfile where the instruction begins, counted from 1. */
  readonly line: number;
  /** How an error names the instruction, such as `COPY`. */
  readonly instruction: string;
  readonly kind: "copy" | "add" | "bind";
  /** Paths in the build context, as written. A leading `/` means the context's root. */
  readonly paths: readonly string[];
  /** Those of the paths that were written with a `..` out of the context, as written. The builder drops it. Missing: none was. */
  readonly climbing?: ReadonlyMap<string, string>;
  /** Patterns of `--exclude`. */
  readonly exclude: readonly string[];
  /** Whether `--parents` is given. */
  readonly parents: boolean;
  /** Whether the builder expands wildcards in the paths. */
  readonly wildcards: boolean;
  /** Whether a path that matches nothing fails the build. BuildKit accepts a wildcard without a match. */
  readonly required: boolean;
}
