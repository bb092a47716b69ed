import type { Clock, SnapshotLifecycle } from "../../../lifecycle/contract";
import { isUnknown } from "../../../kit/unknown";
import type { TfCall, TfDiagnostic, TfObject, TfPrivate, TfResource } from "../../types";
import { importedAgain, importedTwice, keptWarning, nameTaken, sharedWarning, wouldDelete } from "./messages";
import { type Held, PlanOwners } from "./plan-owners";
import { lasting, newOwner, othersOf, ownerOf, replacedIn, withOthers } from "./private";
import { Quiet } from "./quiet";

type PlanArgs = Parameters<TfResource["plan"]>[0];
type PlanAnswer = Awaited<ReturnType<TfResource["plan"]>>;
type ReadAnswer = Awaited<ReturnType<TfResource["read"]>>;

const failed = (found: readonly TfDiagnostic[]): boolean => found.some(({ severity }) => severity === "error");

/**
 * A snapshot resource that knows which others have the same snapshot. What a plan finds out about a destroy goes to the apply in the planned
 * private state, because an apply does not ask for what stays unchanged.
 */
export class OwnedResource {
  private owners = new PlanOwners();
  private quiet: Quiet;

  /**
   * @param lifecycle of the configured provider; null while its configuration is unknown
   * @param whole whether the tool goes through all resources of the state; false also where that is not known
   */
  constructor(
    private readonly inner: TfResource,
    private readonly clock: Clock,
    private readonly lifecycle: () => SnapshotLifecycle | null,
    private readonly whole: () => boolean = () => false,
  ) {
    this.quiet = new Quiet(clock);
  }

  /** A new configuration begins a new walk. */
  reset(): void {
    this.owners = new PlanOwners();
    this.quiet = new Quiet(this.clock);
  }

  get resource(): TfResource {
    const { inner } = this;
    return {
      ...inner,
      upgrade: async (...args) => {
        const found = await inner.upgrade(...args);
        this.quiet.touch();
        if (typeof found.state["id"] === "string") this.owners.read(found.state["id"]);
        return found;
      },
      read: (args, call) => this.read(args, call),
      plan: (args, call) => this.quiet.during(() => this.plan(args, call)),
      planDestroy: (args, call) => this.planDestroy(args, call),
      import: (args, call) => this.import(args, call),
      apply: async (args, call) => {
        // An update must not delete what others have.
        const shared = args.planned !== null && args.prior !== null && othersOf(args.private).length > 0;
        const done = await inner.apply(shared ? { ...args, private: { ...args.private, shared: true } } : args, call);
        return { ...done, private: done.state === null ? done.private : lasting(done.private) };
      },
    };
  }

  private async read(args: Parameters<TfResource["read"]>[0], call: TfCall): Promise<ReadAnswer> {
    const owner = ownerOf(args.private) ?? newOwner();
    const before = heldIn(args.state, owner);
    if (before) this.owners.present.add(before);
    const found = await this.quiet.during(() => this.inner.read(args, call));
    const held = found.state && heldIn(found.state, owner);
    if (!held || failed(found.diagnostics)) return found;
    this.owners.present.add(held);
    const earlier = othersOf(found.private);
    // So that a destroy of the other one in the same plan is known by now.
    if (earlier.length > 0) await this.quiet.passed(call.signal);
    const stored =
      earlier.length > 0 && this.whole() ? withOthers(found.private, this.stillThere(held, earlier)) : found.private;
    return { ...found, private: this.told({ ...stored, owner }, held) };
  }

  private async plan(args: PlanArgs, call: TfCall): Promise<PlanAnswer> {
    const owner = ownerOf(args.private) ?? newOwner();
    const answer = await this.inner.plan(args, call);
    if (failed(answer.diagnostics)) return answer;
    const held = args.prior && heldIn(args.prior, owner);
    const stored: TfPrivate = { ...lasting(answer.private), owner };
    const found = held
      ? this.planned(held, answer, othersOf(this.told(stored, held)))
      : this.created(answer.planned, owner, replacedIn(args.private));
    return {
      ...answer,
      private: held ? { ...this.told(stored, held), replaces: held.id } : stored,
      diagnostics: [...answer.diagnostics, ...found],
    };
  }

  /** The plan of an object that exists. */
  private planned(held: Held, answer: PlanAnswer, known: readonly string[]): TfDiagnostic[] {
    const { owners } = this;
    const others = new Set([...owners.kept.besides(held), ...known]).size > 0;
    if (answer.requiresReplace.length > 0) {
      owners.replaced.add(held);
      return others ? [wouldDelete(held, "replaces one of them")] : [];
    }
    owners.keep(held);
    this.lifecycle()?.keeps(held.id, held.owner);
    // A swap or a rebuild deletes the snapshot.
    const changes = isUnknown(answer.planned["id"] ?? null);
    if (changes) owners.replaced.add(held);
    if (changes && others) return [wouldDelete(held, "replaces one of them")];
    if (owners.replaced.besides(held).length > 0) return [wouldDelete(held, "replaces the other one")];
    if (owners.deleted.besides(held).length > 0) return [wouldDelete(held, "destroys the other one")];
    if (owners.createdBeside(held.name, held.owner)) return [nameTaken(held)];
    if (!others) return [];
    return [owners.imported.has(held.id) ? importedTwice(held) : sharedWarning(held)];
  }

  /** The plan of a new object, which may be the second half of a replacement. */
  private created(planned: TfObject, owner: string, replaces: string | undefined): TfDiagnostic[] {
    const { owners } = this;
    const { name } = planned;
    const found: TfDiagnostic[] = [];
    if (replaces !== undefined && typeof name === "string") {
      const old = { id: replaces, name, owner };
      owners.letGo(old);
      this.lifecycle()?.letsGo(replaces, owner);
      owners.replaced.add(old);
      if (owners.kept.besides(old).length > 0) found.push(wouldDelete(old, "replaces one of them"));
    }
    if (typeof name !== "string" || found.length > 0) return found;
    owners.create(name, owner);
    const holder = owners.keptUnder(name, owner);
    return holder ? [nameTaken(holder)] : [];
  }

  private async planDestroy(
    args: Parameters<NonNullable<TfResource["planDestroy"]>>[0],
    call: TfCall,
  ): Promise<{ private: TfPrivate; diagnostics: TfDiagnostic[] }> {
    const held = heldIn(args.prior, ownerOf(args.private) ?? newOwner());
    if (!held) return { private: args.private, diagnostics: [] };
    const { owners } = this;
    owners.destroyed.add(held);
    await this.quiet.passed(call.signal);
    const decided = await this.quiet.decided(() => owners.decided(held), call.signal);
    const others = [...owners.kept.besides(held), ...othersOf(this.told(args.private, held))];
    // What is not decided counts as kept.
    if (others.length > 0 || !decided)
      return { private: { ...args.private, shared: true }, diagnostics: [keptWarning(held)] };
    owners.deleted.add(held);
    return { private: lasting(args.private), diagnostics: [] };
  }

  private async import(args: Parameters<TfResource["import"]>[0], call: TfCall): ReturnType<TfResource["import"]> {
    const found = await this.inner.import(args, call);
    const all = found.imported.map(({ state }) => heldIn(state, "")).filter((held) => held !== null);
    for (const { id } of all) this.owners.imported.add(id);
    await this.quiet.passed(call.signal);
    return {
      ...found,
      diagnostics: [...found.diagnostics, ...all.filter(({ id }) => this.owners.countOf(id) > 0).map(importedAgain)],
    };
  }

  /** Owners that Terraform has told of in this walk, which is of the whole state: the others have left it. */
  private stillThere(held: Held, earlier: readonly string[]): string[] {
    const { present, kept, replaced, destroyed } = this.owners;
    const told = new Set([present, kept, replaced, destroyed].flatMap((owners) => owners.besides(held)));
    return earlier.filter((owner) => told.has(owner));
  }

  /** The private state with the other objects that have the snapshot: those of earlier runs and of this one, without those that are destroyed. */
  private told(stored: TfPrivate, held: Held): TfPrivate {
    const gone = new Set(this.owners.destroyed.besides(held));
    // Beside an import, what is only refreshed may be taken out of the state (`removed`): OpenTofu asks nothing more of it.
    const present = this.owners.imported.has(held.id) ? [] : this.owners.present.besides(held);
    const others = new Set([...othersOf(stored), ...present, ...this.owners.kept.besides(held)]);
    return withOthers(
      stored,
      [...others].filter((other) => other !== held.owner && !gone.has(other)),
    );
  }
}

function heldIn(state: TfObject, owner: string): Held | null {
  const { id, name } = state;
  return typeof id === "string" && id !== "" ? { id, name: typeof name === "string" ? name : id, owner } : null;
}
