import type { ImageName } from "../../kit/text/image-names";

/** Where the image of a name is asked for. */
export interface ImageReference {
  /** As the program writes it. */
  readonly written: string;
  /** Host and port as people know it: `docker.io`, `ghcr.io`. */
  readonly host: string;
  /** The one that answers. */
  readonly apiHost: string;
  /** `library/ubuntu` */
  readonly repository: string;
  readonly tag: string;
  /** What Docker's files call the registry. */
  readonly credentialsKey: string;
}

const DOCKER_HUB = "docker.io";

/** The parts of a name without a digest. */
export function referenceOf(written: string, { host, path, tag }: ImageName): ImageReference {
  const known = host.toLowerCase();
  const isHub = known === DOCKER_HUB;
  return {
    written,
    host: known,
    apiHost: isHub ? "registry-1.docker.io" : known,
    repository: path,
    tag: tag ?? "latest",
    credentialsKey: isHub ? "https://index.docker.io/v1/" : known,
  };
}

/** Docker Hub counts every GET of a manifest as a pull, of which it allows few, and no HEAD (https://docs.docker.com/docker-hub/usage/pulls/). */
export function countsReads({ host }: ImageReference): boolean {
  return host === DOCKER_HUB;
}
