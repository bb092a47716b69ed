/** States with snapshots, in the forms that the tools write. */

export const OURS = "registry.terraform.io/daytona-iac/daytona";
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const ciphertext = { [SIGNATURE]: SECRET, ciphertext: "AAABAOxyzAAAAAAAAAAAAAAAAAAAA" };
export const plaintext = (value: unknown): object => ({ [SIGNATURE]: SECRET, plaintext: JSON.stringify(value) });

type More = Record<string, unknown>;

/** `terraform state pull`. */
export const raw = (...resources: object[]): More => ({
  version: 4,
  terraform_version: "1.11.4",
  serial: 1,
  lineage: "039666d1",
  outputs: {},
  resources,
});
export const resource = (attributes: More, more: More = {}, instance: More = {}): More => ({
  mode: "managed",
  type: "daytona_snapshot",
  name: "label",
  provider: `provider["${OURS}"]`,
  instances: [{ schema_version: 0, attributes, ...instance }],
  ...more,
});

/** `terraform show -json`. */
export const shown = (root: More): More => ({
  format_version: "1.0",
  terraform_version: "1.11.4",
  values: { root_module: root },
});
export const value = (values: More, more: More = {}): More => ({
  address: "daytona_snapshot.label",
  mode: "managed",
  type: "daytona_snapshot",
  name: "label",
  provider_name: OURS,
  values,
  ...more,
});

/** `pulumi stack export`. */
export const stack = (resources: object[], more: More = {}, deployment: More = {}): More => ({
  version: 3,
  deployment: { manifest: {}, resources, ...deployment },
  ...more,
});
export const pulumi = (outputs: More, more: More = {}): More => {
  const type = (more["type"] as string | undefined) ?? "daytona:index:Snapshot";
  return {
    urn: `urn:pulumi:dev::p::${type}::label`,
    custom: true,
    type,
    id: outputs["name"] ?? "label",
    inputs: {},
    outputs,
    ...more,
  };
};
