const DOCKER_HUB = "docker.io";

/** An address as the server stores it (recorded at v0.190): without slashes at its end, and every address of Docker Hub as one. */
export function storedUrl(url: string): string {
  return url.toLowerCase().includes(DOCKER_HUB) ? DOCKER_HUB : url.trim().replace(/\/+$/, "");
}

/** The registry that an image comes from, and the image's repository there, as Docker reads its name. */
export function registryOf(image: string): { host: string; repository: string } {
  const [first = "", ...rest] = image
    .replace(/@.*$/, "")
    .replace(/:[^/:]*$/, "")
    .split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const host = isHost && !/(^|\.)docker\.io$/i.test(first) ? first : DOCKER_HUB;
  const path = isHost ? rest : [first, ...rest];
  return { host, repository: host === DOCKER_HUB && path.length === 1 ? `library/${path[0]}` : path.join("/") };
}

/** Pages for people, which many take for the address of a registry, and what was probably meant. */
const PAGES: readonly (readonly [RegExp, string])[] = [
  [/^(hub|www|login|cloud)\.docker\.com$|^docker\.com$/, "The address of Docker Hub is `docker.io`."],
  [/^(www\.)?github\.com$|^(docker|maven|npm)\.pkg\.github\.com$/, "The address of GitHub's registry is `ghcr.io`."],
  [/^(www\.)?gitlab\.com$/, "The address of GitLab's registry is `registry.gitlab.com`."],
  [/^(portal|www)\.azure\.com$|^azurecr\.io$/, "The address of a registry in Azure is `NAME.azurecr.io`."],
  [
    /^(.*\.)?console\.aws\.amazon\.com$|^ecr\.[a-z0-9-]+\.amazonaws\.com$|^api\.ecr\.[a-z0-9-]+\.amazonaws\.com$/,
    "The address of a registry in Amazon ECR is `ACCOUNT.dkr.ecr.REGION.amazonaws.com`.",
  ],
  [
    /^(console\.)?cloud\.google\.com$|^artifactregistry\.googleapis\.com$|^(docker\.)?pkg\.dev$/,
    "The address of Google Artifact Registry is `REGION-docker.pkg.dev`.",
  ],
  [/^(www\.|console\.)?redhat\.com$/, "The address of Red Hat's registry is `registry.redhat.io`."],
];

/** Why Daytona cannot pull from an address; null: nothing is known against it. */
export function urlProblem(url: string): string | null {
  if (url.trim() === "") return "It is empty. Set it to the address of the registry, such as `ghcr.io`.";
  if (/\s/.test(url)) return "It contains a space.";
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? [];
  if (scheme !== undefined && !/^https?$/i.test(scheme))
    return `Registries are reached by https or http, not by ${scheme}.`;
  const rest = scheme === undefined ? url : url.slice(scheme.length + 3);
  const [authority = ""] = rest.split(/[/?#]/, 1);
  if (authority.includes("@"))
    return "It contains credentials. Set them as `username` and `password`; an address is shown to everyone.";
  if (/[?#]/.test(rest)) return "It contains a query or a fragment. Set it to the address only.";
  return hostProblem(authority.replace(/:\d+$/, "").toLowerCase(), url);
}

/** @param host of the address, in lower case */
function hostProblem(host: string, url: string): string | null {
  // The API's check asks for a dot, so it refuses the names of a local network.
  if (!host.includes(".") && !host.startsWith("["))
    return `The API accepts only host names with a dot, and "${host}" has none. Daytona's runners have to reach the registry, so a local name does not work either.`;
  if (storedUrl(url) === DOCKER_HUB && !/(^|\.)docker\.io$/.test(host))
    return `The API stores every address that contains "${DOCKER_HUB}" as Docker Hub's own, so Daytona would send these credentials to Docker Hub.`;
  return PAGES.find(([page]) => page.test(host))?.[1] ?? null;
}
