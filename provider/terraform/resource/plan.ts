import { type Attribute, snakeCase, snapshotTable } from "../../snapshot/attributes";
import { planSnapshot } from "../../snapshot/plan";
import type { Notice } from "../../snapshot/record";
import { validatePrepared } from "../../snapshot/validation/validate";
import { type PreparedBuild, SourceError } from "../../source/prepare";
import type { SourceReader } from "../../source/source-reader";
import { hasUnknown, isUnknown } from "../../snapshot/unknown";
import type { Session } from "../session";
import type { TfCall, TfDiagnostic, TfObject, TfPrivate, TfResource, TfValue } from "../types";
import { recordFromTerraform, toTerraform, writtenFromTerraform } from "./convert";
import { diagnostics } from "./diagnostics";
import { identityOf } from "./identity";
import { marksFromPrivate } from "./marks";
import { toolWords } from "../words";
import { same } from "./same";

type PlanArgs = Parameters<TfResource["plan"]>[0];
type PlanAnswer = Awaited<ReturnType<TfResource["plan"]>>;

/**
 * PlanResourceChange for a create or an update. Reads the Dockerfile and its build context, but sends no request: the refreshed state
 * describes the snapshot.
 */
export async function planResource(session: Session, sources: SourceReader, args: PlanArgs, call: TfCall): Promise<PlanAnswer> {
  const prior = args.prior === null ? null : recordFromTerraform(args.prior);
  const config = writtenFromTerraform(args.config);
  let build: PreparedBuild | null = null;
  let unread: SourceError | null = null;
  try {
    build = await sources.prepare(config, snakeCase, call.signal);
  } catch (error) {
    // `terraform destroy` plans like this first, and must not need the files of a snapshot that exists.
    if (!(error instanceof SourceError) || prior === null || prior.sourceHash === null) throw error;
    unread = error;
  }
  const prepared = build?.source ?? (unread && { text: "", hash: String(prior?.sourceHash), contextHashes: [] });
  const written = prepared === null ? config : { ...config, prepared };
  const wrong = unread ? [] : validatePrepared(written, "terraform");
  if (wrong.length > 0) return { planned: args.proposed, requiresReplace: [], private: args.private, identity: args.identity, diagnostics: diagnostics("error", wrong) };
  const plan = planSnapshot({
    prior,
    marks: marksFromPrivate(args.private),
    written,
    providerRegion: session.region,
    words: toolWords(),
    sourceWarnings: build?.warnings ?? [],
  });
  if (unread && ["swap", "rebuild", "replace"].includes(plan.action)) throw unread;
  const planned = asConfigured(toTerraform(plan.planned), args.config, args.prior);
  return {
    planned,
    requiresReplace: args.prior === null ? [] : plan.replaceBy.map((name) => [snakeCase(name)]),
    private: args.private satisfies TfPrivate,
    // The second half of a replacement is planned without a prior state; until then the identity must not change.
    identity: args.prior === null ? identityOf(planned) : (args.identity ?? identityOf(args.prior)),
    diagnostics: diagnostics("warning", [...(unread ? [unnoticed(unread)] : []), ...plan.warnings]).map((found) => at(found, plan.changed, args.config)),
  };
}

function unnoticed({ notice }: SourceError): Notice {
  return { ...notice, detail: `${notice.detail} Until then, changes of the source are not detected.` };
}

/** Shows a warning without an attribute at the first changed attribute that the program sets. */
function at(found: TfDiagnostic, changed: readonly string[], config: TfObject): TfDiagnostic {
  const written = changed.map(snakeCase).find((name) => (config[name] ?? null) !== null);
  return found.path !== undefined || written === undefined ? found : { ...found, path: [written] };
}

/**
 * Enforces Terraform's rule: the planned value of an attribute that is set equals the configured or the prior value. Any other value, such
 * as a Dockerfile with normalized line endings, fails with "Provider produced invalid plan".
 */
export function asConfigured(planned: TfObject, config: TfObject, prior: TfObject | null): TfObject {
  const result: TfObject = { ...planned };
  for (const attribute of snapshotTable.inputs as readonly Attribute[]) {
    const name = snakeCase(attribute.name);
    const written: TfValue = config[name] ?? null;
    const computed = attribute.set === "computed" || attribute.set === "optional+computed";
    if (written === null && computed) continue;
    const value = planned[name] ?? null;
    if (same(value, written) || (prior !== null && written !== null && !isUnknown(value) && !hasUnknown(value) && same(value, prior[name] ?? null))) continue;
    result[name] = written;
  }
  return result;
}
