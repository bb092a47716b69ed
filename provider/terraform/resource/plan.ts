import { planFor } from "../../lifecycle/plan-for";
import { tagToPin } from "../../lifecycle/publish/pin-source";
import { type Attribute, snakeCase } from "../../kit/attribute";
import { snapshotTable } from "../../resources/snapshot/attributes";
import { snapshotDefinition } from "../../resources/snapshot/definition";
import type { Notice } from "../../kit/notice";
import type { Action, SnapshotPlan, Written } from "../../resources/snapshot/record";
import type { PreparedBuild } from "../../source/prepare";
import type { SourceReader } from "../../source/source-reader";
import { hasUnknown, isUnknown } from "../../kit/unknown";
import type { Session } from "../session";
import type { TfCall, TfDiagnostic, TfObject, TfPrivate, TfResource, TfValue } from "../types";
import { logOf } from "./call";
import { recordFromTerraform, toTerraform, writtenFromTerraform } from "./convert";
import { diagnostics } from "./diagnostics";
import { identityOf } from "./identity";
import { marksFromPrivate } from "./marks";
import { isMarkedUnread, markOpenDigest, markUnread, problemWarning, withoutUnread } from "./source";
import { learnSource, withSource } from "./stored-sources";
import { toolWords } from "../words";
import { same } from "./same";

type PlanArgs = Parameters<TfResource["plan"]>[0];
type PlanAnswer = Awaited<ReturnType<TfResource["plan"]>>;

/**
 * PlanResourceChange for a create or an update. Reads the Dockerfile and its build context, and asks the registry for the digest of a tag, but
 * sends no request to the API: the refreshed state describes the snapshot. A source that cannot be read is an error for a new snapshot only.
 * `terraform destroy` plans like this first, and must not need the files of a snapshot that exists. Without credentials, a new snapshot is
 * refused here, before an apply begins.
 */
export async function planResource(
  session: Session,
  sources: SourceReader,
  args: PlanArgs,
  call: TfCall,
): Promise<PlanAnswer> {
  const written = writtenFromTerraform(args.config);
  const absent = args.prior === null ? session.withoutCredentials(planning(written)) : null;
  return absent === null ? planSource(session, sources, written, args, call) : refused(args, [absent]);
}

async function planSource(
  session: Session,
  sources: SourceReader,
  written: Written,
  args: PlanArgs,
  call: TfCall,
): Promise<PlanAnswer> {
  const prior = args.prior === null ? null : recordFromTerraform(args.prior);
  learnSource(args.private, prior?.sourceHash, sources);
  const { plan, build, wrong } = await planFor(snapshotDefinition, {
    prior,
    marks: marksFromPrivate(args.private),
    written,
    validated: true,
    providerRegion: () => session.region,
    face: "terraform",
    words: toolWords(),
    sources,
    images: session.imagesFor(written, prior === null),
    sandboxes: session.sandboxes,
    signal: call.signal,
    log: logOf(call, written),
    unread: prior !== null || session.exists(written) || isMarkedUnread(args.private),
  });
  if (plan === null) return refused(args, wrong.notices.map(withoutFiles));
  session.planned(written, plan);
  const problem = wrong?.notices[0] ?? null;
  const planned = asConfigured(toTerraform(plan.planned), args.config, args.prior);
  const changed = compareWithPlan(session, written, build, plan.action);
  if (changed !== null) return refused(args, [changed]);
  const builds = BUILDS.includes(plan.action);
  return {
    planned,
    requiresReplace: args.prior === null ? [] : plan.replaceBy.map((name) => [snakeCase(name)]),
    private: withSource(markedFor(plan, builds ? problem : null, args.private), builds ? build : null),
    identity: plannedIdentity(args, planned),
    diagnostics: diagnostics("warning", [
      ...(problem ? [problemWarning(problem, plan.planned, builds)] : []),
      ...plan.warnings,
    ]).map((found) => at(found, plan.changed, args.config)),
  };
}

/** What an apply has to know of a plan whose source cannot be read, or whose tag has no digest. */
function markedFor({ action, planned }: SnapshotPlan, problem: Notice | null, stored: TfPrivate): TfPrivate {
  const plain = withoutUnread(stored);
  const tag = action === "create" || action === "replace" ? tagToPin(planned) : null;
  const marked = problem === null ? plain : markUnread(plain);
  return tag === null ? marked : markOpenDigest(marked, tag);
}

const BUILDS: readonly Action[] = ["create", "replace", "swap", "rebuild"];

/** The second half of a replacement is planned without a prior state; until then the identity must not change. */
function plannedIdentity({ prior, identity }: PlanArgs, planned: TfObject): TfObject | null {
  return prior === null ? identityOf(planned) : (identity ?? identityOf(prior));
}

function planning({ name }: Written): string {
  return typeof name === "string" ? `Planning snapshot "${name}"` : "Planning a snapshot";
}

/** What to tell if this is the plan of an apply whose own plan found another source; null: go on. */
function compareWithPlan(
  session: Session,
  written: Written,
  build: PreparedBuild | null,
  action: Action,
): Notice | null {
  return build === null ? null : (session.finalPlans?.check(written, build, action !== "none") ?? null);
}

/** An error leaves everything as Terraform has it. */
function refused(args: PlanArgs, notices: readonly Notice[]): PlanAnswer {
  return {
    planned: args.proposed,
    requiresReplace: [],
    private: args.private,
    identity: args.identity,
    diagnostics: diagnostics("error", notices),
  };
}

function withoutFiles(problem: Notice): Notice {
  return {
    ...problem,
    detail: `${problem.detail}\n\nTo destroy other resources without the files:\n  terraform destroy -refresh=false`,
  };
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
    if (
      same(value, written) ||
      (prior !== null &&
        written !== null &&
        !isUnknown(value) &&
        !hasUnknown(value) &&
        same(value, prior[name] ?? null))
    )
      continue;
    result[name] = written;
  }
  return result;
}
