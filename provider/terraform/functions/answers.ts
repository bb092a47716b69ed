import { imageParts } from "../../resources/registry/image-parts";
import { validName } from "../../resources/snapshot/valid-name";
import type { TfFunction, TfValue } from "../types";
import type { FunctionName } from "./signatures";
import { type Means, sourceHashOf } from "./source-hash";

type Answer = Awaited<ReturnType<TfFunction["call"]>>;

/** The functions by name. Their arguments are of the types that the signatures name. */
export const answers: Record<FunctionName, (args: TfValue[], means: Means) => Promise<Answer>> = {
  parse_image: ([image]) => {
    const parts = imageParts(String(image));
    return Promise.resolve(
      typeof parts === "string"
        ? { error: { text: `"${String(image)}" is not the name of an image. ${parts}`, argument: 0 } }
        : { result: { ...parts } },
    );
  },

  source_hash: ([source], means) => sourceHashOf(source ?? null, means),

  valid_name: ([text]) => {
    const name = validName(String(text));
    return Promise.resolve(
      name === null
        ? {
            error: {
              text: `No name can be derived from "${String(text)}": it has no letter from a to z and no digit.`,
              argument: 0,
            },
          }
        : { result: name },
    );
  },
};
