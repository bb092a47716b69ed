import * as pulumi from "@pulumi/pulumi";
import { type RegistryArgs, RegistryResource } from "../shared/registry-resource";
import { isOfType } from "../shared/resource";
import { shimOf } from "./shim";

const TYPE = "pulumi-nodejs:dynamic/daytona:Registry";
const SHIM = shimOf("Registry");

/**
 * Credentials with which Daytona pulls private images (`POST /docker-registry`). Its Pulumi ID is its UUID. The password is always a secret.
 * Set `dependsOn` for the snapshots that need it, so that it is created first.
 */
export class Registry extends RegistryResource {
  /**
   * Refers to an existing registry without managing it.
   * @param id UUID, or a unique name
   */
  static get(name: string, id: pulumi.Input<pulumi.ID>, opts?: pulumi.CustomResourceOptions): Registry {
    return new Registry(name, undefined, { ...opts, id });
  }

  /** Whether a value is a `Registry`, from any copy of this package. */
  static override isInstance(value: unknown): value is Registry {
    return isOfType(value, TYPE);
  }

  /** @throws Error for the option `import`, which dynamic providers do not support */
  constructor(name: string, args?: RegistryArgs, opts: pulumi.CustomResourceOptions = {}) {
    if (opts.import !== undefined)
      throw new Error(
        `Registry "${name}": dynamic providers cannot import. The native provider can. To refer to one without managing it, use \`Registry.get\`.`,
      );
    super(TYPE, name, { ...args, __provider: SHIM }, opts);
  }
}
