import type { SnapshotApi, StateEvent } from "../../../provider/api";
import { ConflictError, NotFoundError } from "../../../provider/api";
import type { CreateSnapshotBody, SnapshotDto } from "../../../provider/api";
import type { Clock } from "../../../provider/lifecycle/contract";

/** Time that moves only when everybody waits for it. */
export class FakeClock implements Clock {
  time = Date.parse("2026-01-01T00:00:00Z");
  private timers: { at: number; wake(): void }[] = [];

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const leave = (): void => {
        this.timers = this.timers.filter((other) => other !== timer);
        timer.wake();
      };
      const timer = { at: this.time + ms, wake: () => (signal?.removeEventListener("abort", leave), resolve()) };
      this.timers.push(timer);
      signal?.addEventListener("abort", leave);
    });
  }

  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const watched = work.finally(() => (settled = true));
    watched.catch(() => undefined);
    for (let idle = 0; !settled;) {
      for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
      if (settled) break;
      const next = this.timers.sort((a, b) => a.at - b.at).shift();
      if (!next && (idle += 1) > 100) throw new Error("nothing will ever happen");
      if (!next) continue;
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
    return watched;
  }
}

/** As much of the API as a wait needs: what happens is written as times and states. */
export class FakeApi {
  readonly apiUrl = "http://localhost/api";
  organizationId: string | null = "org";
  readonly calls: { method: string; at: number }[] = [];
  readonly snapshots = new Map<string, SnapshotDto>();
  live = false;
  private listeners = new Set<(event: StateEvent) => void>();
  /** What becomes of a snapshot after its POST: ms and state. */
  script: [number, string][] = [[2000, "active"]];
  private next = 1;

  constructor(readonly clock: FakeClock) {}

  get events(): SnapshotApi["events"] {
    const live = (): boolean => this.live;
    return {
      get live() {
        return live();
      },
      ready: () => Promise.resolve(this.live),
      subscribe: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      close: () => undefined,
    };
  }

  get listening(): number {
    return this.listeners.size;
  }

  emit(event: StateEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  set(id: string, fields: Partial<SnapshotDto>): void {
    const dto = { ...this.snapshots.get(id)!, ...fields };
    this.snapshots.set(id, dto);
    if (this.live && fields.state) this.emit({ kind: "state", id, state: dto.state, dto });
  }

  insert(body: CreateSnapshotBody): SnapshotDto {
    const id = `00000000-0000-4000-8000-${String(this.next++).padStart(12, "0")}`;
    const dto: SnapshotDto = {
      id,
      organizationId: "org",
      general: false,
      name: body.name,
      imageName: body.imageName ?? "",
      state: "pending",
      cpu: body.cpu ?? 1,
      gpu: 0,
      mem: 1,
      disk: 3,
      createdAt: new Date(this.clock.now()).toISOString(),
      updatedAt: new Date(this.clock.now()).toISOString(),
      regionIds: ["us"],
      ...(body.buildInfo ? { buildInfo: body.buildInfo } : {}),
    };
    this.snapshots.set(id, dto);
    for (const [ms, state] of this.script)
      void this.clock.sleep(ms).then(() => this.snapshots.has(id) && this.set(id, { state }));
    return dto;
  }

  readonly buildLog = (): Promise<void> => Promise.resolve();
  readonly create = (body: CreateSnapshotBody): Promise<SnapshotDto> =>
    this.called("create", () => {
      if (this.names().includes(body.name))
        throw new ConflictError("taken", { status: 409, request: "POST /snapshots" });
      return this.insert(body);
    });
  readonly get = (idOrName: string): Promise<SnapshotDto> => this.called("get", () => this.find(idOrName));
  readonly read = (id: string): Promise<SnapshotDto | null> =>
    this.called("read", () => this.snapshots.get(id) ?? null);
  readonly listAll = ({ name = "" }: { name?: string }): Promise<SnapshotDto[]> =>
    this.called("listAll", () => [...this.snapshots.values()].filter((dto) => dto.name.includes(name)));
  readonly currentKey = (): Promise<null> => Promise.resolve(null);
  readonly registryAccess = (): Promise<never> => Promise.reject(new Error("nothing is pushed here"));
  readonly pushAccess = (): Promise<never> => Promise.reject(new Error("nothing is uploaded here"));
  readonly delete = (id: string): Promise<void> =>
    this.called("delete", () => {
      this.find(id);
      this.snapshots.delete(id);
    });
  readonly activate = (id: string): Promise<SnapshotDto> =>
    this.called("activate", () => {
      this.set(id, { state: "pending" });
      void this.clock.sleep(2000).then(() => this.set(id, { state: "active" }));
      return this.find(id);
    });

  readonly deactivate = (id: string): Promise<void> =>
    this.called("deactivate", () =>
      this.set(id, { state: "inactive", updatedAt: new Date(this.clock.now()).toISOString() }),
    );

  async called<T>(method: string, answer: () => T): Promise<T> {
    this.calls.push({ method, at: this.clock.now() });
    await Promise.resolve();
    return answer();
  }

  find(idOrName: string): SnapshotDto {
    const dto = this.snapshots.get(idOrName) ?? [...this.snapshots.values()].find((each) => each.name === idOrName);
    if (!dto) throw new NotFoundError("not found", { status: 404, request: "GET" });
    return dto;
  }

  /** Of all snapshots, sorted. */
  names(): string[] {
    return [...this.snapshots.values()].map((dto) => dto.name).sort();
  }

  /** How often a method was called. */
  count(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  asApi(): SnapshotApi {
    return this as unknown as SnapshotApi;
  }
}
