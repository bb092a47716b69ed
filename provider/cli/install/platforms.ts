/** A platform in Go's words, which Terraform uses for folders and for checksums. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

/** The platforms of a release, in Go's words and in Node's, which npm's packages are named by. */
const PLATFORMS: readonly (Platform & { readonly node: readonly [NodeJS.Platform, string] })[] = [
  { os: "linux", arch: "amd64", node: ["linux", "x64"] },
  { os: "linux", arch: "arm64", node: ["linux", "arm64"] },
  { os: "darwin", arch: "amd64", node: ["darwin", "x64"] },
  { os: "darwin", arch: "arm64", node: ["darwin", "arm64"] },
  { os: "windows", arch: "amd64", node: ["win32", "x64"] },
  { os: "windows", arch: "arm64", node: ["win32", "arm64"] },
];

/** `linux_amd64`, … in the order of a release. */
export const platformNames: readonly string[] = PLATFORMS.map(nameOf);

/** `linux_amd64` */
export function nameOf({ os, arch }: Platform): string {
  return `${os}_${arch}`;
}

/** The platform of a name; undefined: no release has it. */
export function platformNamed(name: string): Platform | undefined {
  return PLATFORMS.find((platform) => nameOf(platform) === name);
}

/** What Node calls a platform of a release. */
export function inNode(platform: Platform): readonly [NodeJS.Platform, string] | undefined {
  return PLATFORMS.find((known) => nameOf(known) === nameOf(platform))?.node;
}

/** Of the machine that it is installed for, in Go's words. */
export function terraformPlatform(platform: NodeJS.Platform, arch: string): Platform {
  return {
    os: platform === "win32" ? "windows" : platform,
    arch: arch === "x64" ? "amd64" : arch === "ia32" ? "386" : arch,
  };
}
