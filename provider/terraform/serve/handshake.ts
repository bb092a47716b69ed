/** What Terraform sets so that a provider knows who started it. Not a secret: a mark against starting it by hand. */
const cookie = { name: "TF_PLUGIN_MAGIC_COOKIE", value: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2" };

const protocol = "6";

/** Why this process must not go on, in words for the person who started it; undefined: all is well. */
export function refusal(env: NodeJS.ProcessEnv): string | undefined {
  if (env[cookie.name] !== cookie.value) {
    return [
      "This is the Daytona provider for Terraform and OpenTofu. It is a plugin: they start it by themselves, it does nothing when it is run by hand.",
      'To use it, put source = "daytona-iac/daytona" into required_providers, run "npx daytona-iac install" once, then "terraform init".',
      "To attach a debugger, run it with --debug.",
    ].join("\n");
  }
  const offered = env.PLUGIN_PROTOCOL_VERSIONS;
  if (offered !== undefined && offered !== "" && !offered.split(",").map((v) => v.trim()).includes(protocol)) {
    return `This provider speaks Terraform's plugin protocol ${protocol}, which needs Terraform 1.0 or later, or OpenTofu. This one offers only: ${offered}.`;
  }
  return undefined;
}

/** The one line on stdout that tells Terraform where to connect. `certificate` in DER. */
export function handshakeLine(address: { network: "unix" | "tcp"; address: string }, certificate: Buffer | undefined): string {
  const fields = ["1", protocol, address.network, address.address, "grpc"];
  if (certificate !== undefined) fields.push(certificate.toString("base64").replace(/=+$/, ""));
  return `${fields.join("|")}\n`;
}

/** What to set so that Terraform and OpenTofu use the provider that runs here already. */
export function reattachVariable(address: { network: "unix" | "tcp"; address: string }, pid: number): string {
  const entry = {
    Protocol: "grpc", ProtocolVersion: Number(protocol), Pid: pid, Test: true,
    Addr: { Network: address.network, String: address.address },
  };
  const hosts = ["registry.terraform.io", "registry.opentofu.org"];
  return JSON.stringify(Object.fromEntries(hosts.map((host) => [`${host}/daytona-iac/daytona`, entry])));
}
