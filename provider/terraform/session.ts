import { providerTable } from "../resources/provider/attributes";
import { snakeCase } from "../kit/attribute";
import { capital } from "../kit/words";
import { type ImageResolver, sentence, type SnapshotDto, type SnapshotLifecycle } from "../lifecycle";
import type { SnapshotPlan, Written } from "../resources/snapshot/record";
import { ToolSession } from "../tool/session";
import { fromTool } from "../tool/values";
import { type Connector, NoticeError } from "./ports";
import type { FinalDigests } from "./resource/final-digest";
import type { FinalPlans } from "./resource/final-plan";
import type { TfCall, TfObject } from "./types";

/** The configured provider: the shared session with Terraform's spelling and errors. */
export class Session extends ToolSession {
  readonly #read = new Set<string>();
  readonly #listed = new Map<string, SnapshotDto>();

  /** @param finalPlans @param finalDigests undefined: nothing is remembered from one plan to the next */
  constructor(
    private readonly connector: Connector,
    readonly finalPlans?: FinalPlans,
    readonly finalDigests?: FinalDigests,
  ) {
    super(
      {
        attribute: snakeCase,
        createFirst:
          "Create it first (`terraform apply -target=ADDRESS`), or set the value from a variable or the environment.",
        noCredentials: (doing, reason) => ({
          summary: `${doing}: no Daytona credentials`,
          detail: capital(sentence(reason)),
        }),
      },
      (notice) => new NoticeError(notice),
    );
  }

  /** Null while the configuration is unknown. */
  get lifecycle(): SnapshotLifecycle | null {
    return this.known?.lifecycle ?? null;
  }

  /** @throws NoticeError if the configuration is invalid */
  configure(config: TfObject, terraformVersion: string, call: TfCall): void {
    const values = fromTool(providerTable.inputs, config, ({ name }) => snakeCase(name));
    const missing = this.open(values, (args) =>
      this.connector({ args: { ...args }, terraformVersion, debug: (message) => call.log("debug", message) }),
    );
    if (missing.length > 0)
      call.log("debug", "provider configuration not known yet", { attributes: missing.join(", ") });
  }

  /** Asks registries what tags name, for the plan of a program. @param anew whether it is planned without a prior state */
  imagesFor(written: Written, anew: boolean): ImageResolver | null {
    return this.finalDigests?.resolverFor(written, anew, this.images) ?? this.images;
  }

  /** Remembers what a plan shows, for the plan of its apply. */
  planned(written: Written, plan: SnapshotPlan): void {
    this.finalDigests?.remember(written, plan);
  }

  /** Notes that the state has a snapshot of this name. */
  read(name: unknown): void {
    if (typeof name === "string") this.#read.add(name);
  }

  /** Keeps what a list has just found, for the configuration that Terraform asks for next. */
  remember(dto: SnapshotDto): void {
    this.#listed.set(dto.id, dto);
  }

  /** What a list has found, once; undefined: none has. */
  takeListed(id: string): SnapshotDto | undefined {
    const dto = this.#listed.get(id);
    this.#listed.delete(id);
    return dto;
  }

  /** Whether this process has read a snapshot of the program's name from the state: Terraform plans a tainted one as if there were none. */
  exists({ name, namePrefix }: Pick<Written, "name" | "namePrefix">): boolean {
    if (typeof name === "string") return this.#read.has(name);
    return typeof namePrefix === "string" && [...this.#read].some((one) => one.startsWith(namePrefix));
  }
}
