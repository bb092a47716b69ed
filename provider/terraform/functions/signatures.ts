import type { TfFunctionSignature } from "../types";

export type FunctionName = "parse_image" | "source_hash" | "valid_name";

/** What Terraform knows of the functions before it calls them. The generated schema and the reference pages are made of it. */
export const functionSignatures: readonly (TfFunctionSignature & { readonly name: FunctionName })[] = [
  {
    name: "parse_image",
    summary: "Splits an image name into its parts",
    description:
      "Returns the registry, repository, tag and digest of an image, as Docker parses its name. `tag` and `digest` are null if the name has none.",
    parameters: [
      {
        name: "image",
        type: "string",
        description: "Name of an image, such as `ubuntu:24.04` or `ghcr.io/acme/agent@sha256:…`.",
      },
    ],
    returns: ["object", { registry: "string", repository: "string", tag: "string", digest: "string" }],
  },
  {
    name: "source_hash",
    summary: "Computes the source hash of a snapshot",
    description:
      "Returns the `source_hash` that `daytona_snapshot` computes for the same arguments: for an image, or for a Dockerfile and the files that it uses.",
    parameters: [
      {
        name: "source",
        type: "dynamic",
        description:
          "Object with the source attributes of `daytona_snapshot`: exactly one of `image`, `dockerfile`, `dockerfile_content` and `local_image`, and for a Dockerfile also `context_dir`, `context`, `build_args` and `target`.",
      },
    ],
    returns: "string",
  },
  {
    name: "valid_name",
    summary: "Converts any text into a valid snapshot name",
    description:
      "Returns the text if it is a valid name, and otherwise a name derived from it: accents are removed, and characters that a name cannot contain become `-`. The same text always gives the same name. Different texts can give the same name.",
    parameters: [{ name: "text", type: "string", description: "Any text with a letter or a digit." }],
    returns: "string",
  },
];
