import type Dockerode from "dockerode";

/** Loaded with the first local image. The build puts the library into this file, without what it needs for SSH, builds and containers. */
export function loadDockerode(): Promise<typeof Dockerode> {
  return import("dockerode").then((loaded) => loaded.default);
}
