/** A snapshot in a state, and the resource that has it there. */
export interface Held {
  id: string;
  name: string;
  owner: string;
}

/** Sets of owners by snapshot. */
class OwnersById {
  private readonly owners = new Map<string, Set<string>>();

  add({ id, owner }: Pick<Held, "id" | "owner">): void {
    this.owners.set(id, (this.owners.get(id) ?? new Set()).add(owner));
  }

  delete({ id, owner }: Pick<Held, "id" | "owner">): void {
    this.owners.get(id)?.delete(owner);
  }

  /** Other owners of the snapshot. */
  besides({ id, owner }: Pick<Held, "id" | "owner">): string[] {
    return [...(this.owners.get(id) ?? [])].filter((each) => each !== owner);
  }
}

/**
 * What Terraform has told of its resources in one walk of one process: a plan, or an apply. It tells no addresses, so that each object in a
 * state has a random owner in its private state instead.
 */
export class PlanOwners {
  /** Objects that are refreshed or planned. */
  readonly present = new OwnersById();
  /** Objects that stay, with the snapshot that they have. */
  readonly kept = new OwnersById();
  /** Objects whose snapshot will be deleted, by a replacement or by an update. */
  readonly replaced = new OwnersById();
  /** Objects that are destroyed. */
  readonly destroyed = new OwnersById();
  /** Of those, the ones whose snapshot will be deleted with them. */
  readonly deleted = new OwnersById();
  /** Snapshots that this walk imports. */
  readonly imported = new Set<string>();
  /** How many objects of the state have an ID, as far as Terraform has read it: it reads each object once. */
  private readonly inState = new Map<string, number>();
  private readonly holders = new Map<string, Held[]>();
  private readonly creates = new Map<string, Set<string>>();

  /** Terraform has read an object of the state. */
  read(id: string): void {
    this.inState.set(id, this.countOf(id) + 1);
  }

  /** How many objects that Terraform has read from the state have the ID. */
  countOf(id: string): number {
    return this.inState.get(id) ?? 0;
  }

  /** Whether it is known of all objects with the snapshot whether they stay. */
  decided({ id, owner }: Held): boolean {
    const others = new Set([
      ...this.kept.besides({ id, owner }),
      ...this.replaced.besides({ id, owner }),
      ...this.destroyed.besides({ id, owner }),
    ]);
    return others.size + 1 >= this.countOf(id);
  }

  /** The object stays. */
  keep(held: Held): void {
    this.kept.add(held);
    this.holders.set(held.name, [...this.holdersOf(held.name).filter(({ owner }) => owner !== held.owner), held]);
  }

  /** The object does not stay after all. */
  letGo(held: Held): void {
    this.kept.delete(held);
    this.holders.set(
      held.name,
      this.holdersOf(held.name).filter(({ owner }) => owner !== held.owner),
    );
  }

  /** An object of this name is to be created. */
  create(name: string, owner: string): void {
    this.creates.set(name, (this.creates.get(name) ?? new Set()).add(owner));
  }

  /** Whether another object of this name is to be created. */
  createdBeside(name: string, owner: string): boolean {
    return [...(this.creates.get(name) ?? [])].some((each) => each !== owner);
  }

  /** Another object that stays and has the name. */
  keptUnder(name: string, owner: string): Held | undefined {
    return this.holdersOf(name).find((held) => held.owner !== owner);
  }

  private holdersOf(name: string): Held[] {
    return this.holders.get(name) ?? [];
  }
}
