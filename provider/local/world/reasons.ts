import { fullImageName, type SourceRule } from "./sources";

/** What may go wrong between a runner and a registry. */
export type RegistryTrouble = Extract<SourceRule["outcome"], "not-found" | "unauthorized" | "unreachable">;

/** Daytona's own registry does not take an image. */
export const REGISTRY_FULL = "received unexpected HTTP status: 507 Insufficient Storage";
/** Runner API v0: before the reason of every failed build. */
export const UNPROCESSABLE = "unprocessable entity: ";

/** Whether a rule lets a registry refuse. */
export function registryTrouble(outcome: SourceRule["outcome"]): RegistryTrouble | null {
  return outcome === "not-found" || outcome === "unauthorized" || outcome === "unreachable" ? outcome : null;
}

/** Why an image cannot be pulled, as the runner's engine says it; `prefix` is what the runner API v0 puts before it. */
export function pullReason(trouble: RegistryTrouble, image: string): { prefix: string; text: string } {
  const { host, repository } = partsOf(image);
  switch (trouble) {
    case "not-found":
      return { prefix: "not found: ", text: "Error response from daemon: manifest unknown: manifest unknown" };
    case "unauthorized":
      return {
        prefix: "unauthorized: ",
        text: `Error response from daemon: errors:\ndenied: requested access to the resource is denied\nunauthorized: unauthorized to access repository: ${repository}, action: pull`,
      };
    default:
      return { prefix: "", text: `Error response from daemon: Get "${address(host)}/v2/": ${unreachable(host)}` };
  }
}

/** Why a base image cannot be had, as the builder says it. */
export function baseImageReason(trouble: RegistryTrouble, image: string): string {
  const { host, repository, tag } = partsOf(image);
  return `failed to solve with frontend dockerfile.v0: failed to create LLB definition: ${
    {
      "not-found": `${image}: not found`,
      unauthorized: `failed to authorize: rpc error: code = Unknown desc = failed to fetch anonymous token: unexpected status from GET request to ${address(host)}/service/token?scope=repository%3A${encodeURIComponent(repository)}%3Apull&service=harbor-registry: 401 Unauthorized`,
      unreachable: `failed to do request: Head "${address(host)}/v2/${repository}/manifests/${tag}": ${unreachable(host)}`,
    }[trouble]
  }`;
}

function partsOf(image: string): { host: string; repository: string; tag: string } {
  const [, host = "", repository = "", tag = "latest"] =
    /^([^/]+)\/(.*?)(?:[:@]([^/]+))?$/.exec(fullImageName(image)) ?? [];
  return { host, repository, tag };
}

const HUB = "registry-1.docker.io";
const RESOLVER = "10.255.255.53:53";

/** Registries of the machine itself are asked without TLS. */
function address(host: string): string {
  if (host === "docker.io") return `https://${HUB}`;
  return `${/^(?:127\.|localhost\b)/.test(host) ? "http" : "https"}://${host}`;
}

function unreachable(host: string): string {
  if (/:\d+$/.test(host)) return `dial tcp ${host}: connect: connection refused`;
  return `dial tcp: lookup ${host === "docker.io" ? HUB : host} on ${RESOLVER}: dial udp ${RESOLVER}: connect: network is unreachable`;
}
