import type { LocalApi, SeedFields } from "../../provider/local";
import { type Exchange, exchangesOf } from "./recording";

const ONE_UUID = /^[0-9a-f-]{36}$/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Brings the local API into the state that the real server was in when an exchange was recorded, as far as the exchange tells it. */
export class Arrangement {
  /** Recorded ids and the local ones that stand for them. */
  readonly ids = new Map<string, string>();
  readonly #keys = new Map<string, string>();
  /** Local IDs of snapshots that were really built, by their recorded ones. */
  readonly #builds = new Map<string, string>();

  constructor(
    readonly local: LocalApi,
    exchanges: Exchange[],
  ) {
    // Every organization of the recording is ours, but for the one that the admin's key and general snapshots belong to.
    for (const { request, response } of exchanges) {
      const admin = request.headers.Authorization?.includes("admin key") === true;
      for (const dto of [response.body, ...(response.body?.items ?? [])]) {
        if (!dto?.organizationId || this.ids.get(dto.organizationId) === local.otherOrganizationId) continue;
        this.ids.set(dto.organizationId, dto.general || admin ? local.otherOrganizationId : local.organizationId);
      }
    }
  }

  /** Recorded ids replaced by local ones. */
  localized(text: string): string {
    return text.replace(UUID, (id) => this.ids.get(id) ?? id);
  }

  /** The secret that the recording masks. */
  authorization(value: string): string {
    if (value.includes("JWT")) return `Bearer ${this.local.jwtToken}`;
    if (value.includes("admin key")) return `Bearer ${this.local.otherApiKey}`;
    if (value.includes("no permissions")) return `Bearer ${this.#key("readonly", [])}`;
    if (value.includes("write:snapshots only")) return `Bearer ${this.#key("writeonly", ["write:snapshots"])}`;
    if (value.includes("<")) return `Bearer ${this.local.apiKey}`;
    return value;
  }

  #key(name: string, permissions: string[]): string {
    const known = this.#keys.get(name) ?? this.local.control.addKey(name, permissions);
    this.#keys.set(name, known);
    return known;
  }

  /** Called before the exchange is replayed. */
  async before({ name, request, response }: Exchange): Promise<void> {
    const { control, organizationId } = this.local;
    const { body, status } = response;
    const message = typeof body?.message === "string" ? (body.message as string) : "";
    for (const item of Array.isArray(body) ? body : []) if (item.createdBy) this.ids.set(item.id, organizationId);
    this.#settings(name, message, response, request.method);
    if (/\/docker-registry(?!\/registry-push-access)/.test(request.path))
      return this.#registries(name, request, response, message);
    if (status === 200 && Array.isArray(body?.items)) return this.#listing(request.path, body);
    const target = /(?:\/api|:\d+)\/snapshots\/([^/?]+)(\/[a-z-]+)?/.exec(request.path);
    if (!target) return this.#create(request, response);
    if (typeof body === "string" && body.startsWith("#1 "))
      return this.#built(target[1]!, body, request.path.includes("follow=true"));
    if (/with name .* not found/.test(message)) {
      const gone = control.snapshot(this.ids.get(target[1]!) ?? target[1]!);
      if (gone) control.remove(gone.id);
    }
    if (
      status < 400 ||
      status === 403 ||
      status === 500 ||
      /already active|cannot be activated|still in progress|uuid is expected|build info|assignment|ID or name/.test(
        message,
      )
    ) {
      this.#snapshot(decodeURIComponent(target[1]!), target[2] ?? "", request, response, message);
    }
  }

  #settings(name: string, message: string, { body, headers }: Exchange["response"], method: string): void {
    const { control } = this.local;
    const limit = Number(headers["X-RateLimit-Limit-authenticated"] ?? 0);
    if (limit > 0) control.settings({ rateLimit: { limit, seconds: limit === 5 ? 10 : 60 } });
    if (/after-window|from-other-ip/.test(name)) control.resetLimits();
    this.#regions(message, body);
    const quota = /Snapshot quota exceeded. Maximum allowed: (\d+)/.exec(message);
    const suspended = /Organization is suspended(?:: (.*))?/.exec(message);
    control.settings({
      snapshotQuota: quota ? Number(quota[1]) : null,
      registryDown: name.includes("registry-down"),
      storageDown: name.includes("sts-down"),
    });
    if (quota) control.seed(Number(quota[1]), { name: `full-${name}` });
    const defaultRegionId =
      method === "PATCH" ||
      message.includes("have a default region") ||
      (Array.isArray(body) && body[0]?.defaultRegionId === null)
        ? null
        : "us";
    control.organization({ suspended: suspended !== null, suspensionReason: suspended?.[1] ?? null, defaultRegionId });
  }

  /** The registries that the exchange shows, or whose number it tells of. */
  #registries(
    name: string,
    request: Exchange["request"],
    { status, body }: Exchange["response"],
    message: string,
  ): void {
    const { control } = this.local;
    if (Array.isArray(body) || message.includes("maximum number")) control.removeRegistries();
    if (message.includes("maximum number")) for (let i = 0; i < 100; i++) control.registry({ name: `fill-${i}` });
    for (const shown of Array.isArray(body) ? [...body].reverse() : []) this.ids.set(shown.id, this.#registry(shown));
    const id = /\/docker-registry\/([^/?]+)/.exec(request.path)?.[1];
    if (id === undefined || control.registries().some((row) => row.id === (this.ids.get(id) ?? id))) return;
    // One that is there when it is read, changed or refused, though the recording does not show where it was made.
    if (status < 400 || status === 403 || status === 400 || status === 500)
      this.ids.set(
        id,
        this.#registry({
          ...(request.body as object),
          ...body,
          id,
          createdAt: body?.createdAt,
          name: body?.name ?? name,
        }),
      );
  }

  #registry(shown: any): string {
    const { id, name, url, username, project } = shown;
    const time =
      shown.createdAt === undefined
        ? {}
        : { createdAt: Date.parse(shown.createdAt), updatedAt: Date.parse(shown.updatedAt) };
    return this.local.control.registry({
      id,
      name,
      ...(url ? { url } : {}),
      ...(username === undefined ? {} : { username }),
      ...(project ? { project } : {}),
      ...time,
    });
  }

  /** Regions that the exchange shows, or whose lack it tells of. */
  #regions(message: string, body: any): void {
    const { control } = this.local;
    const shown = (Array.isArray(body) ? body : [body]).flatMap((dto: any) =>
      dto?.regionType ? [dto] : (dto?.regionIds ?? []).map((id: string) => ({ id })),
    );
    for (const { id, name, regionType, organizationId } of shown) {
      control.region({
        id,
        quota: true,
        ...(name ? { name, regionType, organizationId: organizationId ? this.local.organizationId : null } : {}),
      });
    }
    const closed = /Region (\S+) is not available to the organization/.exec(message)?.[1];
    if (closed) control.region({ id: closed, quota: false });
    const foreign = /^Region (\S+) not found$/.exec(message)?.[1];
    if (foreign) control.region({ id: foreign, regionType: "custom", organizationId: this.local.otherOrganizationId });
    const empty = /No runners are configured in region '([^']+)'/.exec(message)?.[1];
    if (empty && empty !== "us") control.region({ id: empty, quota: true, runners: [] });
  }

  #create({ body: sent }: Exchange["request"], { status, body }: Exchange["response"]): void {
    const { control } = this.local;
    const { name, buildInfo } = (sent ?? {}) as {
      name?: string;
      buildInfo?: { dockerfileContent: string; contextHashes?: string[] | null };
    };
    if (status === 409 && name !== undefined && !control.snapshots().some((s) => s.name === name))
      control.insert({ name });
    if (status === 200 && name !== undefined && control.snapshots().some((s) => s.name === name)) control.remove(name);
    // The same text was built before: its build is as old as the recording says.
    const build = body?.buildInfo;
    if (
      status === 200 &&
      buildInfo &&
      build.createdAt < body.createdAt &&
      Date.parse(body.createdAt) - Date.parse(build.createdAt) > 1000
    ) {
      control.insert({
        name: `first-${name}`,
        size: body.size,
        dockerfileContent: buildInfo.dockerfileContent,
        contextHashes: build.contextHashes,
      });
    }
  }

  /** A real build, whose log is the recorded one. */
  async #built(recordedId: string, log: string, follow: boolean): Promise<void> {
    const { control, apiUrl, apiKey } = this.local;
    const dockerfileContent = `${[...log.matchAll(/^#\d+ \[\d+\/\d+\] (.*)$/gm)].map(([, step]) => step).join("\n")}\n`;
    const reason = /^ERROR: (.*)$/m.exec(log)?.[1];
    control.clearSources();
    if (reason !== undefined) control.source({ dockerfile: dockerfileContent, outcome: "fail", reason });
    const create = async (): Promise<string> => {
      const answer = await fetch(`${apiUrl}/snapshots`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
        body: JSON.stringify({ name: `built-${Math.random()}`, buildInfo: { dockerfileContent } }),
      });
      const { id } = (await answer.json()) as { id: string };
      await new Promise((resolve) => setTimeout(resolve, 20));
      // The build before is still under way.
      return control.snapshot(id)?.state === "build_failed" ? create() : id;
    };
    // Another build of the text would write its log after this one.
    const id = this.#builds.get(recordedId) ?? (await create());
    this.#builds.set(recordedId, id);
    this.ids.set(recordedId, id);
    // Read until it is whole: the log of a failed build does not end for those who follow it.
    for (let read = ""; !follow && read !== log;) {
      const answer = await fetch(`${new URL(apiUrl).origin}/snapshots/${id}/build-logs`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      read = await answer.text();
    }
  }

  /** One snapshot as the exchange shows it, or as its refusal implies. */
  #snapshot(
    idOrName: string,
    call: string,
    request: Exchange["request"],
    { status, body }: Exchange["response"],
    message: string,
  ): void {
    const { control, organizationId, otherOrganizationId } = this.local;
    const admin = request.headers.Authorization?.includes("admin key") === true;
    const found = control.snapshot(this.ids.get(idOrName) ?? idOrName);
    const fields: SeedFields = body?.state === undefined ? {} : this.#fieldsOf(body);
    const state =
      /it is in (\w+) state/.exec(message)?.[1] ??
      (message.includes("in progress") ? "inactive" : message.includes("already active") ? "active" : undefined);
    const known =
      found &&
      fields.organizationId !== undefined &&
      found.id !== body.id &&
      found.organizationId !== fields.organizationId
        ? null
        : found;
    if (state !== undefined) Object.assign(fields, { state, updatedAt: Date.now() });
    if (call === "/activate" && status === 200)
      Object.assign(fields, { state: "inactive", updatedAt: Date.now() - 660_000 });
    if (call === "/build-logs" && status === 200 && body === null) fields.state = "active";
    if (message.includes("assignment")) Object.assign(fields, { initialRunnerId: null, state: "pending" });
    if (message.includes("build info")) Object.assign(fields, { imageName: "ubuntu:22.04" });
    else if (call.startsWith("/build-logs") && fields.dockerfileContent === undefined && !known)
      fields.dockerfileContent = "FROM ubuntu:22.04\n";
    const recordedId: string | undefined = body?.id ?? (ONE_UUID.test(idOrName) ? idOrName : undefined);
    if (known && fields.dockerfileContent !== undefined) {
      control.remove(known.id);
      this.ids.set(body.id, control.insert({ ...fields, name: body.name, id: known.id }));
      return;
    }
    if (known) {
      if (Object.keys(fields).length > 0)
        control.update(known.id, body?.name ? { ...fields, name: body.name } : fields);
      if (recordedId) this.ids.set(recordedId, known.id);
      return;
    }
    fields.organizationId ??= message.includes("ID or name") === admin ? organizationId : otherOrganizationId;
    const name = body?.name ?? (recordedId === idOrName ? `snapshot-${idOrName}` : idOrName);
    control.insert({ ...fields, name, ...(recordedId ? { id: recordedId } : {}) });
  }

  /** Everything that the listing counts: what it shows, what the full listing of that moment shows, and fillers that come last. */
  #listing(path: string, page: any): void {
    const { control } = this.local;
    const shown = new Map<string, any>(page.items.map((item: any) => [item.id, item]));
    const part = new URL(`http://x${path}`).searchParams.get("name");
    if (shown.size < page.total && part === null) {
      const full = exchangesOf("list.jsonl").find((e) => e.response.body?.items?.length === page.total);
      for (const item of full?.response.body.items ?? []) if (!shown.has(item.id)) shown.set(item.id, item);
    }
    control.removeAll();
    for (const item of [...shown.values()].sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))) {
      this.ids.set(item.id, control.insert({ ...this.#fieldsOf(item), name: item.name, id: item.id }));
    }
    for (let i = shown.size; i < page.total; i++)
      control.insert({ name: `${part ?? ""}filler-${i}`, createdAt: 1, lastUsedAt: null, state: "error" });
  }

  #fieldsOf(body: any): SeedFields {
    const build = body.buildInfo
      ? { dockerfileContent: body.buildInfo.dockerfileContent, contextHashes: body.buildInfo.contextHashes }
      : {};
    const {
      imageName,
      state,
      size,
      entrypoint,
      cpu,
      gpu,
      mem,
      disk,
      errorReason,
      regionIds,
      sandboxClass,
      general,
      ref,
      initialRunnerId,
    } = body;
    return {
      ...build,
      imageName,
      state,
      size,
      entrypoint,
      cpu,
      gpu,
      mem,
      disk,
      errorReason,
      regionIds,
      sandboxClass,
      general,
      ref: ref ?? null,
      initialRunnerId: initialRunnerId ?? null,
      organizationId: this.ids.get(body.organizationId)!,
      createdAt: Date.parse(body.createdAt),
      lastUsedAt: body.lastUsedAt === null ? null : Date.parse(body.lastUsedAt),
    };
  }
}
