import * as pulumi from "@pulumi/pulumi";
import { registryDefinition } from "../../resources/registry/definition";
import type * as plain from "../../resources/types/types.gen";
import { InPlaceType } from "./in-place";

const { properties, secrets } = new InPlaceType(registryDefinition);

type In<T> = { [K in keyof T]: pulumi.Input<Exclude<T[K], undefined>> | (undefined extends T[K] ? undefined : never) };

/** Arguments of a `Registry`. `password` is required, and always becomes a secret. */
export type RegistryArgs = In<plain.RegistryArgs>;

type Out<T> = null extends T ? Exclude<T, null> | undefined : T;
type Outputs<T> = { readonly [K in keyof T]-?: pulumi.Output<Out<T[K]>> };

/** Outputs of a `Registry`. Missing values are undefined. */
export type RegistryOutputs = Outputs<plain.RegistryArgs> & Outputs<plain.RegistryResult>;

/** Every output must be declared, so that the engine fills it in. */
const none = Object.fromEntries(properties.map((name) => [name, undefined]));

// The outputs get their types and docstrings from the attribute table.
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging, @typescript-eslint/no-empty-object-type
export interface RegistryResource extends RegistryOutputs {}

/** Base of the classes of both providers. Sensitive values are secrets, even if the program does not mark them. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-declaration-merging
export abstract class RegistryResource extends pulumi.CustomResource {
  protected constructor(
    type: string,
    name: string,
    inputs: Record<string, unknown>,
    opts: pulumi.CustomResourceOptions,
  ) {
    const hidden = Object.fromEntries(
      secrets.filter((secret) => inputs[secret] !== undefined).map((secret) => [secret, pulumi.secret(inputs[secret])]),
    );
    super(type, name, { ...none, ...inputs, ...hidden } as pulumi.Inputs, {
      ...opts,
      additionalSecretOutputs: [...(opts.additionalSecretOutputs ?? []), ...secrets],
    });
  }
}
