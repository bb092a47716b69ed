import type { Notice, Written } from "../../snapshot/record";
import { validatePrepared } from "../../snapshot/validation/validate";
import { SourceError } from "../../source/prepare";
import type { SourceReader } from "../../source/source-reader";
import { writtenFrom } from "./properties";
import { Refused } from "./refused";
import type { Bag } from "./values";
import { lowerCase } from "../../snapshot/tool-words";
import { textOf } from "./words";

/** A program's arguments with the files of a Dockerfile build read. @throws Refused if they cannot be used */
export async function writtenWithSource(news: Bag, doing: string, sources: SourceReader, signal?: AbortSignal): Promise<{ written: Written; sourceWarnings: readonly Notice[] }> {
  const written = writtenFrom(news);
  try {
    const build = await sources.prepare(written, (name) => name, signal);
    if (build === null) return { written, sourceWarnings: [] };
    const ready = { ...written, prepared: build.source };
    const [wrong] = validatePrepared(ready, "pulumi");
    if (wrong !== undefined) throw new Refused(`${doing}: ${textOf(wrong)}`);
    return { written: ready, sourceWarnings: build.warnings };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new Refused(`${doing}: ${lowerCase(textOf(error.notice))}`);
  }
}
