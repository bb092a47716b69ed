import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { parse } from "yaml";
import { ApiError, apiFailure, ConfigError, resolvesTagsIn, sentence, systemClock } from "../../lifecycle";
import { capital } from "../../kit/words";
import { holderOf, managedIds, withApiView } from "../../fleet/at-api";
import { ApiView } from "../../fleet/api-view";
import { parseConfig, parseIgnore } from "../../fleet/ignore";
import { hasNews } from "../../fleet/judge";
import { withChangedFiles } from "../../fleet/changed-files";
import { hasTags, withMovedTags } from "../../fleet/moved-tags";
import { Managed } from "../../fleet/read/managed";
import { assemble, nameOf, type ReadSource } from "../../fleet/report/assemble";
import type { UnmanagedSnapshot } from "../../fleet/report/report";
import { FleetError } from "../../fleet/resource";
import { readNamedFile, UnsafeFile } from "../../kit/text/named-file";
import { systemErrorText } from "../../kit/text/system-error";
import { version } from "../../version.gen";
import { exitCodes } from "../io";
import { type Checked, type NamedRule, tellOfIdleRules } from "../filters";
import { type Session, usage } from "../session";
import type { DriftFlags } from "./flags";
import { outputsOf, write } from "./outputs";
import { LOCKED } from "./run-terraform";
import { readSources, type StateSource } from "./sources";

const CONFIG = ".daytona-iac.yaml";
/** Bytes that it may have. */
const MOST_CONFIG = 2 ** 20;

/** `daytona-iac drift`. Changes nothing: no state, no lock, no snapshot. Resolves with 0 clean, 1 error, 2 drift, 3 not applied. */
export async function drift(session: Session, flags: DriftFlags, rest: readonly string[]): Promise<number> {
  const outputs = outputsOf(flags);
  if (flags.stack !== undefined && (flags.terraform ?? flags.cdktf) !== undefined && flags.pulumi === undefined)
    throw usage("--stack is for Pulumi projects", "Specify the project with --pulumi.");
  if ((flags.plan ?? []).concat(flags.state ?? []).filter((file) => file === "-").length > 1)
    throw usage("standard input can be read only once", 'Only one --plan or --state can be "-".');
  const rules = rulesOf(flags);
  const asks = resolvesTagsIn(session.io.env);
  const sources = await readSources(session, flags, rest);
  const { read: found, unmanaged, errors } = await withApi(session, sources, flags.unmanaged === true);
  const read = withChangedFiles(asks ? await withTags(session, found) : found, session.sources);
  const now = Date.now();
  const report = assemble(read, {
    rules: rules.map(({ rule }) => rule),
    unmanaged,
    generator: `daytona-iac ${version}`,
    now,
    errors,
  });
  session.reporter.stop();
  tellOfIdleRules(session.io, rules, snapshotsOf(read), now);
  const clean = session.redacted(report);
  for (const output of outputs) await write(clean, output, session.io, flags);
  return flags.exitZero === true && report.exitCode !== exitCodes.error ? exitCodes.ok : report.exitCode;
}

/** All snapshots that were checked, as rules name them; null: a source could not be read. */
function snapshotsOf(read: readonly ReadSource[]): Checked[] | null {
  const found: Checked[] = [];
  for (const source of read) {
    if ("error" in source) return null;
    for (const resource of source.resources) {
      const { address, sensitive } = resource;
      const name = nameOf(resource);
      // A name that must not be printed is in no message.
      found.push({ name, address, shown: sensitive.includes("name") ? address : (name ?? address) });
    }
  }
  return found;
}

/** @throws Stop for a wrong flag, FleetError for a wrong file */
function rulesOf(flags: DriftFlags): NamedRule[] {
  const file = flags.config ?? CONFIG;
  let own: NamedRule[];
  try {
    own = (flags.ignore ?? []).map((text) => ({ rule: parseIgnore(text), label: `--ignore ${text}` }));
  } catch (error) {
    throw error instanceof FleetError ? usage(error.summary, error.detail) : error;
  }
  if (!existsSync(file)) {
    if (flags.config !== undefined) throw usage(`--config ${file} does not exist`, "Correct the path.");
    return own;
  }
  const text = configText(file, flags.config !== undefined);
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new FleetError(`${file} is not valid YAML`, (error as Error).message);
  }
  return [
    ...own,
    ...parseConfig(content, file).map((rule, at) => ({ rule, label: `drift.ignore[${at}] of ${file} (${rule.name})` })),
  ];
}

/** One that is found by its name has to lie in its folder: what is wrong with a line of it is shown with the line. @throws FleetError */
function configText(file: string, named: boolean): string {
  try {
    return readNamedFile(file, MOST_CONFIG, named ? undefined : [dirname(file)]).toString("utf8");
  } catch (error) {
    throw new FleetError(
      `${file} cannot be read`,
      error instanceof UnsafeFile
        ? `It ${error.message}. Put a regular file there${named ? "" : ", or specify another file with --config"}.`
        : `${systemErrorText(error)}.`,
    );
  }
}

interface WithApi {
  readonly read: ReadSource[];
  readonly unmanaged: UnmanagedSnapshot[] | null;
  readonly errors: FleetError[];
}

/** What the API adds: what states are compared with, times, unmanaged snapshots. A plan is complete without it. */
async function withApi(
  session: Session,
  sources: readonly (ReadSource | StateSource)[],
  unmanaged: boolean,
): Promise<WithApi> {
  const needed = unmanaged || sources.some((source) => "state" in source);
  // Times, and whether an apply is under way, matter where there is something to say.
  if (!needed && !sources.some((source) => "resources" in source && source.resources.some(hasNews)))
    return { read: sources as ReadSource[], unmanaged: null, errors: [] };
  const states = (error: FleetError): ReadSource[] =>
    sources.map((source) => ("state" in source ? { kind: source.kind, name: source.name, error } : source));
  let view: ApiView;
  try {
    session.reporter.progress("reading the snapshots of the organization");
    view = await ApiView.read(session.connection, session.signal);
  } catch (error) {
    const told = toldOf(session, error);
    if (!needed)
      return {
        read: sources.map((source) =>
          "resources" in source
            ? { ...source, notes: [...source.notes, `The times of the changes are not available: ${told.summary}.`] }
            : (source as ReadSource),
        ),
        unmanaged: null,
        errors: [],
      };
    return { read: states(told), unmanaged: null, errors: sources.some((source) => "state" in source) ? [] : [told] };
  }
  const read: ReadSource[] = [];
  const ids = managedIds(
    sources.map((source) => ("error" in source ? {} : "state" in source ? { manages: source.state } : source)),
  );
  for (const source of sources) {
    if (!("state" in source)) {
      read.push("error" in source ? source : withApiView(source, view, ids, source.notes.includes(LOCKED)));
      continue;
    }
    try {
      read.push({
        kind: "state",
        name: source.name,
        apply: null,
        others: { drifted: 0, notApplied: 0 },
        notes: source.state.notes,
        resources: (await view.compare(source.state.known)).map((resource) => ({
          ...resource,
          ...holderOf(resource, view, ids),
        })),
      });
    } catch (error) {
      read.push({ kind: "state", name: source.name, error: toldOf(session, error) });
    }
  }
  // Of a source that could not be read, every snapshot would look unmanaged.
  if (!unmanaged || read.some((source) => "error" in source)) return { read, unmanaged: null, errors: [] };
  try {
    return { read, unmanaged: view.unmanaged(managedIn(sources)), errors: [] };
  } catch (error) {
    return { read, unmanaged: null, errors: [toldOf(session, error)] };
  }
}

/** Which snapshots all sources have. @throws FleetError for one that cannot be told */
function managedIn(sources: readonly (ReadSource | StateSource)[]): Managed {
  const managed = Managed.of(
    sources.flatMap((source) =>
      "state" in source ? [source.state] : "manages" in source && source.manages !== undefined ? [source.manages] : [],
    ),
  );
  for (const source of sources) {
    if (!("resources" in source)) continue;
    for (const { address, state, seen } of source.resources) {
      const texts = (...values: (string | null | undefined)[]): string[] =>
        values.filter((it): it is string => it !== null && it !== undefined && it !== "");
      managed.add(
        {
          address,
          ids: texts(seen?.id, state?.id),
          names: texts(state?.name),
          organizationId: null,
          owned: state !== null,
          encrypted: [],
        },
        source.name,
      );
    }
  }
  return managed;
}

/** What registries say of the tags. The connection is not needed: a plan can be read without an account. */
async function withTags(session: Session, sources: readonly ReadSource[]): Promise<ReadSource[]> {
  if (!hasTags(sources)) return [...sources];
  session.reporter.progress("asking the registries of the tags for their current digests");
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded when it is needed
  const { imageResolver } = require("../../lifecycle/resolve") as typeof import("../../lifecycle/resolve");
  const { log } = session.context();
  const resolver = imageResolver({ env: session.io.env, clock: systemClock, log });
  try {
    return await withMovedTags(sources, resolver, session.signal);
  } finally {
    resolver.close();
  }
}

function toldOf(session: Session, error: unknown): FleetError {
  if (error instanceof FleetError) return error;
  if (error instanceof ConfigError)
    return new FleetError("the API is not configured", capital(sentence(error.message)));
  if (error instanceof ApiError) {
    const { summary, detail } = apiFailure("reading snapshots", error, session.connection.connection.sources);
    return new FleetError(summary, detail);
  }
  throw error;
}
