import type { TfFunctionSignature } from "../types";

export type FunctionName = "parse_image" | "source_hash" | "valid_name";

/** What Terraform knows of the functions before it calls them. The generated schema and the reference pages are made of it. */
export const functionSignatures: readonly (TfFunctionSignature & { readonly name: FunctionName })[] = [
  {
    name: "parse_image",
    summary: "Takes the name of an image apart",
    description:
      "Returns the registry, the repository, the tag and the digest of an image, as Docker reads its name. `tag` and `digest` are null where the name has none.",
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
    summary: "Computes the hash of what a snapshot is made from",
    description:
      "Returns what `daytona_snapshot` computes as its `source_hash` for the same arguments: of an image's name, or of a Dockerfile and the files that it uses.",
    parameters: [
      {
        name: "source",
        type: "dynamic",
        description:
          "Object with the attributes of `daytona_snapshot` that say what it is made from: exactly one of `image`, `dockerfile`, `dockerfile_content` and `local_image`, and for a Dockerfile also `context_dir`, `context`, `build_args` and `target`.",
      },
    ],
    returns: "string",
  },
  {
    name: "valid_name",
    summary: "Makes a valid name for a snapshot of any text",
    description:
      "Returns the text if it is a valid name, else one that is made of it: accents are dropped, and what a name cannot contain becomes `-`. The same text always gives the same name. Different texts can give the same one.",
    parameters: [{ name: "text", type: "string", description: "Any text with a letter or a digit." }],
    returns: "string",
  },
];
