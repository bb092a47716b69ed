import type { RegistryDto } from "../lifecycle";
import type { Listed, Values } from "../resources";
import type { registryTable } from "../resources/registry/attributes";
import { registryDefinition } from "../resources/registry/definition";
import type { ConnectionOptions } from "./connection";
import { InPlaceService } from "./in-place-service";

/** Credentials with which Daytona pulls private images, without the password; dates are `Date`s. */
export interface Registry extends Omit<RegistryDto, "createdAt" | "updatedAt"> {
  createdAt: Date | null;
  updatedAt: Date | null;
}

export interface CreateRegistryParams {
  /** Several registries can have the same. */
  name: string;
  /** Address of the registry, such as `ghcr.io`. Daytona uses the registry for images whose name begins with it. */
  url: string;
  /** Name of the user, or what the registry takes for it. */
  username: string;
  /** Password or access token. The API never returns it. */
  password: string;
  /** Project or namespace in the registry. Null: none. */
  project?: string | null;
}

/** What is left out stays as it is. */
export type UpdateRegistryParams = Partial<CreateRegistryParams>;

type Input = Exclude<(typeof registryTable.inputs)[number], { only: "terraform" }>["name"];

/**
 * The registries of the organization: credentials with which Daytona pulls private images. No result and no error has a password.
 * Every method throws a DaytonaError.
 */
export class RegistryService extends InPlaceService<Registry, CreateRegistryParams, UpdateRegistryParams> {
  /** @throws InvalidArgumentError without credentials */
  constructor(options: ConnectionOptions = {}) {
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
