import type { RegistryDto } from "../lifecycle";
import type { Listed, Values } from "../resources";
import type { registryTable } from "../resources/registry/attributes";
import { registryDefinition } from "../resources/registry/definition";
import { CONNECTION_OPTIONS, type ConnectionOptions, refuseUnknown } from "./connection";
import { InPlaceService } from "./in-place-service";

/** A registry: credentials with which Daytona pulls private images, without the password. Times are `Date` objects. */
export interface Registry extends Omit<RegistryDto, "createdAt" | "updatedAt"> {
  createdAt: Date | null;
  updatedAt: Date | null;
}

export interface CreateRegistryParams {
  /** Name of the registry. Several registries can have the same name. */
  name: string;
  /** Address of the registry, such as `ghcr.io`. Daytona uses the registry for images whose name begins with it. */
  url: string;
  /** User name, or what the registry expects in its place, such as `AWS` or `_json_key`. */
  username: string;
  /** Password or access token. The API never returns it. */
  password: string;
  /** Project or namespace in the registry, for registries that have one. Null means none. */
  project?: string | null;
}

/** The values to change. Values that are left out stay unchanged. */
export type UpdateRegistryParams = Partial<CreateRegistryParams>;

type Input = Exclude<(typeof registryTable.inputs)[number], { only: "terraform" }>["name"];

/**
 * Manages the registries of the organization: credentials with which Daytona pulls private images. Passwords are never in a result or an error.
 * Every error is a `DaytonaError`.
 */
export class RegistryService extends InPlaceService<Registry, CreateRegistryParams, UpdateRegistryParams> {
  /**
   * Sends no request yet.
   * @param options default: the environment, otherwise the active profile of the Daytona CLI
   * @throws InvalidArgumentError if there are no credentials, or for an unknown option
   */
  constructor(options: ConnectionOptions = {}) {
    refuseUnknown(options, CONNECTION_OPTIONS, "RegistryService", ["region", "target"]);
    super(registryDefinition, options);
  }

  protected inputsOf({ name, url, username, password, project }: UpdateRegistryParams): Values {
    return { name, url, username, password, project } satisfies { [Name in Input]: unknown };
  }

  protected itemOf(dto: Listed): Registry {
    const registry = dto as Values as unknown as RegistryDto;
    const date = (text: string | undefined): Date | null => (text ? new Date(text) : null);
    return { ...registry, createdAt: date(registry.createdAt), updatedAt: date(registry.updatedAt) };
  }
}
