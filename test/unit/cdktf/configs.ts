/**
 * Never run: types.test.ts compiles it. A right config compiles, and each line below an `@ts-expect-error` must not:
 * TypeScript reports the comment itself where the line is accepted.
 */
import type { Image } from "@daytona/sdk";
import type { TerraformStack, TerraformVariable } from "cdktf";
import { Registry, type RegistryConfig, Snapshot, type SnapshotConfig } from "../../../provider/cdktf/cdktf";
import { Registry as RegistryForCdktn, Snapshot as SnapshotForCdktn } from "../../../provider/cdktf/cdktn";
import type { TerraformStack as StackOfCdktn } from "cdktn";

declare const stack: TerraformStack;
declare const stackOfCdktn: StackOfCdktn;
declare const officialImage: Image;
declare const stringOrImage: string | Image;
declare const variable: TerraformVariable;
declare const condition: boolean;

export function right(): void {
  new Snapshot(stack, "agent", { name: "agent", image: "ubuntu:24.04", cpu: 2 });
  new SnapshotForCdktn(stackOfCdktn, "agent", { name: "agent", image: "ubuntu:24.04", cpu: 2 });
  new Snapshot(stack, "a", { namePrefix: "a-", dockerfileContent: "FROM a", replacement: "recreate" });
  new Snapshot(stack, "a", { name: "a", image: officialImage, timeouts: { create: "45m" } });
  new Snapshot(stack, "a", { name: "a", image: stringOrImage });
  new Snapshot(stack, "a", { name: variable.stringValue, image: variable.stringValue, cpu: variable.numberValue });
  new Snapshot(stack, "a", { name: "a", image: "a:1", dockerfileContent: undefined, namePrefix: undefined });
  new Snapshot(stack, "a", {
    name: "a",
    image: "a:1",
    replacement: condition ? "swap" : "recreate",
    lifecycle: { preventDestroy: true },
  });
  const config: SnapshotConfig = { name: "a", image: "a:1", triggers: { day: "1" }, active: false };
  const snapshot: Snapshot = new Snapshot(stack, "a", { ...config, cpu: 2 });
  snapshot.image = officialImage;
  const image: string = snapshot.image;
  snapshot.name = image;
  new Registry(stack, "a", { name: "a", url: "ghcr.io", username: "a", password: variable.stringValue });
  new RegistryForCdktn(stackOfCdktn, "a", {
    name: "a",
    url: "ghcr.io",
    username: "a",
    passwordWo: variable.stringValue,
    passwordWoVersion: 2,
    project: "a",
  });
  const credentials: RegistryConfig = {
    name: "a",
    url: "ghcr.io",
    username: "a",
    passwordWo: variable.stringValue,
    passwordWoVersion: undefined,
  };
  new Registry(stack, "a", { ...credentials, dependsOn: [snapshot] }).passwordWoVersion = 2;
}

export function wrong(): void {
  // @ts-expect-error no config
  new Snapshot(stack, "a");
  // @ts-expect-error no source
  new Snapshot(stack, "a", { name: "a" });
  // @ts-expect-error both sources
  new Snapshot(stack, "a", { name: "a", image: "a:1", dockerfileContent: "FROM a" });
  // @ts-expect-error an Image object and a Dockerfile
  new Snapshot(stack, "a", { name: "a", image: officialImage, dockerfileContent: "FROM a" });
  // @ts-expect-error no name
  new Snapshot(stack, "a", { image: "a:1" });
  // @ts-expect-error both names
  new Snapshot(stack, "a", { name: "a", namePrefix: "a-", image: "a:1" });
  // @ts-expect-error no such replacement
  new Snapshot(stack, "a", { name: "a", image: "a:1", replacement: "blue-green" });
  // @ts-expect-error not an Image
  new Snapshot(stack, "a", { name: "a", image: { text: "FROM a" } });
  // @ts-expect-error cores are a number
  new Snapshot(stack, "a", { name: "a", image: "a:1", cpu: "2" });
  // @ts-expect-error no such argument
  new Snapshot(stack, "a", { name: "a", image: "a:1", memoryGb: 2 });
  // @ts-expect-error no source, for cdktn
  new SnapshotForCdktn(stackOfCdktn, "a", { name: "a" });
  // @ts-expect-error no password
  new Registry(stack, "a", { name: "a", url: "ghcr.io", username: "a" });
  // @ts-expect-error both passwords
  new Registry(stack, "a", { name: "a", url: "ghcr.io", username: "a", password: "a", passwordWo: "a" });
  // @ts-expect-error a number without its password
  new Registry(stack, "a", { name: "a", url: "ghcr.io", username: "a", password: "a", passwordWoVersion: 2 });
  // @ts-expect-error no address
  new Registry(stack, "a", { name: "a", username: "a", password: "a" });
  // @ts-expect-error no user, for cdktn
  new RegistryForCdktn(stackOfCdktn, "a", { name: "a", url: "ghcr.io", password: "a" });
}
