import type { SandboxRow } from "./rows";

const date = (ms: number): string => new Date(ms).toISOString();

/** The state that answers show: a wish that is not fulfilled yet shows as the way to it. */
function shownState({ state, desiredState }: SandboxRow): string {
  if (state === "started" && desiredState === "stopped") return "stopping";
  return (state === "started" || state === "stopped") && desiredState === "destroyed" ? "destroying" : state;
}

/** A sandbox as the API answers it (`SandboxDto.fromSandbox` of v0.190, and the recordings). */
export function sandboxDto(row: SandboxRow) {
  return {
    id: row.id,
    organizationId: row.organizationId,
    name: row.name,
    target: row.region,
    snapshot: row.snapshot,
    user: row.user,
    env: row.env,
    cpu: row.cpu,
    gpu: row.gpu,
    gpuType: row.gpuType ?? undefined,
    memory: row.mem,
    disk: row.disk,
    public: row.public,
    networkBlockAll: false,
    labels: row.labels,
    volumes: [],
    state: shownState(row),
    desiredState: row.desiredState,
    // Not there before the first answer of the database.
    ...(row.state === "creating"
      ? {}
      : { networkAllowList: null, domainAllowList: null, errorReason: row.errorReason, daemonVersion: "v0.190.0" }),
    recoverable: false,
    backupState: "None",
    autoStopInterval: row.autoStopInterval,
    autoArchiveInterval: row.autoArchiveInterval,
    autoDeleteInterval: row.autoDeleteInterval,
    sandboxClass: row.sandboxClass,
    createdAt: date(row.createdAt),
    updatedAt: date(row.updatedAt),
    lastActivityAt: date(row.lastActivityAt),
    runnerId: row.runnerId,
    toolboxProxyUrl: "http://127.0.0.1:13004/toolbox",
  };
}
