import type { ImageResolver } from "../../lifecycle";
import { planFor, type PlanForRequest } from "../../lifecycle/plan-for";
import { snapshotDefinition } from "../../resources/snapshot/definition";
import type { Marks, SnapshotPlan, SnapshotRecord } from "../../resources/snapshot/record";
import { type ToolWords, lowerCase } from "../../kit/words";
import type { MaybeUnknown } from "../../kit/unknown";
import type { SourceReader } from "../../source/source-reader";
import { writtenFrom } from "./properties";
import { Refused } from "./refused";
import type { Session } from "./session";
import type { SeenSources } from "./seen-sources";
import type { Bag } from "./values";
import { textOf } from "./words";

export interface PlanRequest {
  /** null: there is nothing yet. */
  prior: SnapshotRecord | null;
  marks: Marks;
  /** Checked inputs. */
  news: Bag;
  /** The default region of the provider. */
  region: MaybeUnknown<string | null>;
  words: ToolWords;
  sources: SourceReader;
  /** Tells which files have changed since this run of Pulumi read them. */
  seen?: SeenSources | undefined;
  /** Asks registries what tags name; null: no registry is asked. */
  images: ImageResolver | null;
  /** Looks the source sandbox of a new snapshot up; default: nobody is told if there is none. */
  sandboxes?: Session["sandboxes"] | undefined;
  signal?: AbortSignal | undefined;
  /** Told how far the reading of a large build context is. */
  log?: PlanForRequest["log"];
}

/**
 * The plan of what a program asks for.
 * @param doing begins the message
 * @returns `changed`: which files have changed since this run read them before; null: none
 * @throws Refused if its source cannot be used
 */
export async function planNews(
  { news, region, words, seen, ...request }: PlanRequest,
  doing: string,
): Promise<{ plan: SnapshotPlan; changed: string | null }> {
  const written = writtenFrom(news);
  const { plan, build, wrong } = await planFor(snapshotDefinition, {
    ...request,
    written,
    validated: true,
    providerRegion: () => region,
    face: "pulumi",
    words,
  });
  if (plan !== null) return { plan, changed: build === null ? null : (seen?.look(written, build, doing) ?? null) };
  const text = textOf(wrong.notices[0]);
  throw new Refused(`${doing}: ${wrong.what === "source" ? lowerCase(text) : text}`);
}
