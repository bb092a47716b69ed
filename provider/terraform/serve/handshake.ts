/** Set by Terraform, so that a provider notices when it is started by hand. Not a secret. */
const cookie = {
  name: "TF_PLUGIN_MAGIC_COOKIE",
  value: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
};

const protocol = "6";

/** Why this process must exit, for the person who started it; undefined if it can run. */
export function refusal(env: NodeJS.ProcessEnv): string | undefined {
  if (env[cookie.name] !== cookie.value) {
    return [
      "This is the Daytona provider for Terraform and OpenTofu. It is a plugin: Terraform starts it, and it does nothing when it is run directly.",
      'To use it, set source = "daytona-iac/daytona" in required_providers, run "npx daytona-iac install" once, then run "terraform init".',
      "To attach a debugger, run it with --debug.",
    ].join("\n");
  }
  const offered = env.PLUGIN_PROTOCOL_VERSIONS;
  if (
    offered !== undefined &&
    offered !== "" &&
    !offered
      .split(",")
      .map((v) => v.trim())
      .includes(protocol)
  ) {
    return `This provider requires plugin protocol ${protocol}, which Terraform 1.0 and later and OpenTofu support. The running version supports only: ${offered}.`;
  }
  return undefined;
}

/** The line on stdout that tells Terraform where to connect. `certificate` is in DER. */
export function handshakeLine(
  address: { network: "unix" | "tcp"; address: string },
  certificate: Buffer | undefined,
): string {
  const fields = ["1", protocol, address.network, address.address, "grpc"];
  if (certificate !== undefined) fields.push(certificate.toString("base64").replace(/=+$/, ""));
  return `${fields.join("|")}\n`;
}

/**
 * A line in place of the handshake, for a provider that cannot start. Both tools show, in quotes, what stands where the name of the protocol would be;
 * Terraform 1.11 crashes at an address of an unknown kind. Without any line they guess that the provider "was not compiled for this architecture".
 */
export function failureLine(text: string): string {
  return `1|${protocol}|unix|none|${text.replace(/[|\r\n]+/g, " ").trim()}\n`;
}

/** The value of TF_REATTACH_PROVIDERS with which Terraform and OpenTofu use this running provider. */
export function reattachVariable(address: { network: "unix" | "tcp"; address: string }, pid: number): string {
  const entry = {
    Protocol: "grpc",
    ProtocolVersion: Number(protocol),
    Pid: pid,
    Test: true,
    Addr: { Network: address.network, String: address.address },
  };
  const hosts = ["registry.terraform.io", "registry.opentofu.org"];
  return JSON.stringify(Object.fromEntries(hosts.map((host) => [`${host}/daytona-iac/daytona`, entry])));
}
