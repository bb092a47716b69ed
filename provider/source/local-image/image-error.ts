/** A local image cannot be used. The message says why, and what to do. */
export class ImageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ImageError";
  }
}

/** @throws ImageError unless the platform is linux/amd64, the only one that sandboxes run */
export function checkPlatform(
  label: string,
  os: string,
  architecture: string,
  variant: string | undefined,
  advice: string,
): void {
  if (os === "linux" && architecture === "amd64") return;
  const platform = [
    os || "an unknown system",
    architecture || "an unknown architecture",
    ...(variant ? [variant] : []),
  ].join("/");
  throw new ImageError(`${label} is for ${platform}, but sandboxes run linux/amd64. ${advice}`);
}
