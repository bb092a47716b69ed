import { providerNamed } from "../../../provider/executable/name";

test.each([
  ["/home/me/.terraform.d/plugins/x/terraform-provider-daytona_v0.1.0", "terraform"],
  ["terraform-provider-daytona", "terraform"],
  ["C:\\Users\\me\\terraform.d\\Terraform-Provider-Daytona_v0.1.0.EXE", "terraform"],
  ["C:\\Users\\me\\.pulumi\\plugins\\resource-daytona-v0.1.0\\pulumi-resource-daytona.exe", "pulumi"],
  ["/home/me/.pulumi/plugins/resource-daytona-v0.1.0/pulumi-resource-daytona", "pulumi"],
  // Linux, of a file that was replaced while it started.
  ["/plugins/pulumi-resource-daytona (deleted)", "pulumi"],
  ["/plugins/pulumi-resource-daytona/daytona-iac-provider", undefined],
  ["/usr/local/bin/daytona-iac", "cli"],
  ["C:\\tools\\Daytona-IaC.exe", "cli"],
  ["/downloads/daytona-iac_v0.1.0_linux_amd64", "cli"],
  ["/downloads/daytona-iac-0.1.0", "cli"],
  ["/opt/daytona-iac/tool", undefined],
  ["/plugins/my-terraform-provider-daytona", undefined],
  ["/plugins/terraform-provider-other", undefined],
  ["", undefined],
])("%p is %p", (path, which) => {
  expect(providerNamed(path)).toBe(which);
});

test("the first path that says it decides", () => {
  expect(providerNamed("/a/daytona-iac-provider", "/b/pulumi-resource-daytona")).toBe("pulumi");
  expect(providerNamed("/a/terraform-provider-daytona", "/b/pulumi-resource-daytona")).toBe("terraform");
  expect(providerNamed()).toBeUndefined();
});
