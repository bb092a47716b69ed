/** Entry point `daytona-iac/cdktf`: exports everything that a CDKTF program needs. */
import { join } from "node:path";
import { App, TerraformAsset, TerraformStack, Token } from "cdktf";
import type { Construct } from "constructs";
import { registryDefinition } from "../resources/registry/definition";
import { isImageObject, type ImageObject } from "../source/image";
import type { NarrowedConfig, NarrowedRegistryConfig } from "./config";
import * as generatedRegistry from "./generated/cdktf/registry";
import * as generated from "./generated/cdktf/snapshot";
import { fromStackFolder, projectFolder } from "./paths";
import { writeSource } from "./source";
import { inPlaceProblems, problemsOf } from "./validate";

export type { ImageObject } from "../source/image";
export type { RegistryPassword, SnapshotName, SnapshotReplacement, SnapshotSource } from "./config";
export { DataDaytonaRegions, type DataDaytonaRegionsConfig } from "./generated/cdktf/data-daytona-regions";
export { DataDaytonaRegistries, type DataDaytonaRegistriesConfig } from "./generated/cdktf/data-daytona-registries";
export { DataDaytonaSnapshot, type DataDaytonaSnapshotConfig } from "./generated/cdktf/data-daytona-snapshot";
export { DataDaytonaSnapshots, type DataDaytonaSnapshotsConfig } from "./generated/cdktf/data-daytona-snapshots";
export { DaytonaProvider, type DaytonaProviderConfig } from "./generated/cdktf/provider";
export type { SnapshotTimeouts } from "./generated/cdktf/snapshot";

/** Arguments of {@link Snapshot}. Exactly one source, and exactly one of `name` and `namePrefix`, are required. */
export type SnapshotConfig = NarrowedConfig<generated.SnapshotConfig>;

/**
 * A Daytona snapshot: the image, with its resources, that sandboxes start from (Terraform resource `daytona_snapshot`).
 *
 * ```ts
 * new Snapshot(this, "agent", { name: "agent", image: "ubuntu:24.04", cpu: 2, memory: 4 });
 * ```
 *
 * `cpu` is in cores, `memory` and `disk` in GiB. If one is not set, the API's default at creation is used and kept. Nothing is derived from the
 * construct's ID. Synth fails unless exactly one source and exactly one of `name` and `namePrefix` are set.
 */
export class Snapshot extends generated.Snapshot {
  /** Whether the Dockerfile and its context come from an `Image` object, and are removed with it. */
  private dockerfileOfImage: boolean;

  /**
   * @param scope The stack, or a construct in it.
   * @param id The construct's ID, unique in its scope. The snapshot's name is in `config`.
   * @throws Error if `image` is an `Image` object that renames files, or is combined with `dockerfileContent`, `contextDir` or `context`.
   */
  public constructor(scope: Construct, id: string, config: SnapshotConfig) {
    super(scope, id, { ...config, image: undefined, dockerfileContent: undefined } as generated.SnapshotConfig);
    this.dockerfileOfImage = isImageObject(config.image);
    this.take(this.write(config));
    this.node.addValidation({ validate: () => this.problems() });
  }

  public override get image(): string {
    return super.image;
  }
  /** An `Image` object replaces `image` and `dockerfileContent`. A string replaces an `Image` object. */
  public override set image(value: string | ImageObject) {
    const written = this.write({ image: value });
    this.resetImage();
    this.take(written);
    this.dockerfileOfImage = isImageObject(value);
  }
  public override resetImage(): void {
    super.resetImage();
    if (!this.dockerfileOfImage) return;
    this.resetDockerfileContent();
    this.resetContextDir();
    this.resetContext();
  }

  public override get dockerfileContent(): string {
    return super.dockerfileContent;
  }
  /** The text is escaped as in the config. */
  public override set dockerfileContent(value: string) {
    const written = this.write({ dockerfileContent: value });
    if (written.dockerfileContent !== undefined) super.dockerfileContent = written.dockerfileContent;
    this.dockerfileOfImage = false;
  }
  public override resetDockerfileContent(): void {
    super.resetDockerfileContent();
    this.dockerfileOfImage = false;
  }

  /** `timeouts` is an attribute, which the generated code would write as a block where HCL is asked for instead of JSON. */
  protected override synthesizeHclAttributes(): { [name: string]: unknown } {
    const attributes = this.withPaths(super.synthesizeHclAttributes());
    if (attributes.timeouts === undefined) return attributes;
    const value = generated.snapshotTimeoutsToTerraform(this.timeoutsInput);
    return { ...attributes, timeouts: { value, isBlock: false, type: "map", storageClassType: "stringMap" } };
  }

  /** Paths are written relative to where Terraform runs. */
  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return this.withPaths(super.synthesizeAttributes());
  }

  private withPaths(attributes: { [name: string]: unknown }): { [name: string]: unknown } {
    const app = App.of(this);
    const stack = TerraformStack.of(this);
    const folder = join(app.outdir, app.manifest.forStack(stack).workingDirectory);
    const assets = stack.node.findAll().flatMap((node) => (node instanceof TerraformAsset ? [node.path] : []));
    return fromStackFolder(attributes, folder, (text) => Token.isUnresolved(text), {
      project: projectFolder(),
      assets,
    });
  }

  private problems(): string[] {
    // A construct that has moved to another one writes no resource.
    if (this.hasResourceMove() && this.toTerraform().resource === undefined) return [];
    return problemsOf({ ...this.synthesizeAttributes(), ...this.rawOverrides });
  }

  private take({ image, dockerfileContent, contextDir, context }: ReturnType<typeof writeSource>): void {
    if (image !== undefined) super.image = image;
    if (dockerfileContent !== undefined) super.dockerfileContent = dockerfileContent;
    if (contextDir !== undefined) super.contextDir = contextDir;
    if (context !== undefined) super.context = context;
  }

  private write(source: Parameters<typeof writeSource>[0]): ReturnType<typeof writeSource> {
    return writeSource(source, `Snapshot "${this.node.path}"`, (text) => Token.isUnresolved(text));
  }
}

/** Arguments of {@link Registry}. Exactly one of `password` and `passwordWo` is required. */
export type RegistryConfig = NarrowedRegistryConfig<generatedRegistry.RegistryConfig>;

/**
 * Credentials with which Daytona pulls private images from a container registry (Terraform resource `daytona_registry`).
 *
 * ```ts
 * const token = new TerraformVariable(this, "ghcr_token", { type: "string", sensitive: true });
 * const ghcr = new Registry(this, "ghcr", { name: "ghcr", url: "ghcr.io", username: "robot", password: token.stringValue });
 * new Snapshot(this, "agent", { name: "agent", image: "ghcr.io/team/agent:1.0", dependsOn: [ghcr] });
 * ```
 *
 * Synth writes its values to a file, so put the password into a variable, not into the program. `passwordWo` is also kept out of the state.
 * Synth fails if the address cannot be a registry's, or unless exactly one password is set. Values that only Terraform knows are not checked.
 */
export class Registry extends generatedRegistry.Registry {
  /**
   * @param scope The stack, or a construct in it.
   * @param id The construct's ID, unique in its scope. The registry's name is in `config`.
   */
  public constructor(scope: Construct, id: string, config: RegistryConfig) {
    super(scope, id, config as generatedRegistry.RegistryConfig);
    this.node.addValidation({ validate: () => this.problems() });
  }

  private problems(): string[] {
    // A construct that has moved to another one writes no resource.
    if (this.hasResourceMove() && this.toTerraform().resource === undefined) return [];
    // A framework may wrap a write-only value, so it is taken as it was given.
    return inPlaceProblems(registryDefinition, {
      ...this.synthesizeAttributes(),
      password_wo: this.passwordWoInput,
      ...this.rawOverrides,
    });
  }
}
