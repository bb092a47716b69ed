import * as cdktf from "cdktf";
import * as cdktn from "cdktn";
import * as forCdktf from "../../../provider/cdktf/cdktf";
import * as forCdktn from "../../../provider/cdktf/cdktn";

/** The two frameworks have one API; the tests are written against the types of one. */
describe.each([
  ["cdktf", cdktf, forCdktf],
  ["cdktn", cdktn as unknown as typeof cdktf, forCdktn as unknown as typeof forCdktf],
])("a Registry for %s", (_name, framework, { DaytonaProvider, DataDaytonaRegistries, Registry, Snapshot }) => {
  const newStack = () => {
    // cdktn refuses write-only attributes unless the program says that it is for releases that have them.
    const stack = new framework.TerraformStack(
      framework.Testing.app({ context: { targetVersions: { terraform: ">=1.11.0", opentofu: ">=1.11.0" } } }),
      "stack",
    );
    new DaytonaProvider(stack, "daytona");
    return stack;
  };
  const synth = (stack: cdktf.TerraformStack) => JSON.parse(framework.Testing.synth(stack, true));
  const whole = { name: "ghcr", url: "ghcr.io", username: "robot" };
  const secretOf = (stack: cdktf.TerraformStack) =>
    new framework.TerraformVariable(stack, "token", { type: "string", sensitive: true }).stringValue;

  test("is written as it is given, and the snapshots that need it come after it", () => {
    const stack = newStack();
    const registry = new Registry(stack, "ghcr", { ...whole, project: "team", password: secretOf(stack) });
    new Snapshot(stack, "agent", { name: "agent", image: "ghcr.io/team/agent:1.0", dependsOn: [registry] });
    const { resource } = synth(stack);
    expect(resource.daytona_registry).toEqual({ ghcr: { ...whole, project: "team", password: "${var.token}" } });
    expect(resource.daytona_snapshot.agent.depends_on).toEqual(["daytona_registry.ghcr"]);
  });

  test("has a write-only password with its number, also where HCL is asked for", () => {
    const stack = newStack();
    new Registry(stack, "ghcr", { ...whole, passwordWo: secretOf(stack), passwordWoVersion: 3 });
    expect(synth(stack).resource.daytona_registry.ghcr).toEqual({
      ...whole,
      password_wo: "${var.token}",
      password_wo_version: 3,
    });
    const hcl = framework.Testing.synthHcl(stack);
    expect(hcl).toContain('password_wo = "${var.token}"\n');
    expect(hcl).toContain("password_wo_version = 3\n");
  });

  describe("is checked at synth, so that setters, resets and overrides count", () => {
    const problems = (change: (registry: forCdktf.Registry, stack: cdktf.TerraformStack) => void) => {
      const stack = newStack();
      const registry = new Registry(stack, "ghcr", { ...whole, password: "secret-1" });
      change(registry, stack);
      return registry.node.validate();
    };
    const noPassword =
      "Missing password: Set `password`, or `passwordWo`, which is never stored in a state. A registry without credentials needs no resource: Daytona pulls public images without one.";

    test("as it stands there is no problem", () => expect(problems(() => undefined)).toEqual([]));
    test("an address for people", () =>
      expect(problems((registry) => (registry.url = "https://hub.docker.com"))).toEqual([
        "Invalid registry URL: The address of Docker Hub is `docker.io`.",
      ]));
    test("no password", () => expect(problems((registry) => registry.resetPassword())).toEqual([noPassword]));
    test("both passwords", () =>
      expect(problems((registry) => (registry.passwordWo = "secret-2"))).toEqual([
        "More than one password: Set `password` or `passwordWo`, not both.",
      ]));
    test("a number without its password", () =>
      expect(problems((registry) => (registry.passwordWoVersion = 2))).toEqual([
        "Version without a password: `passwordWoVersion` requires `passwordWo`.",
      ]));
    test("a text that is no key file, which is not shown", () =>
      expect(problems((registry) => (registry.username = "_json_key"))).toEqual([
        "Invalid key file: With the user name `_json_key`, the password is the text of a service account's key file, a JSON object. For a text in base64, set `username` to `_json_key_base64`.",
      ]));
    test("an override that takes the address away", () =>
      expect(problems((registry) => registry.addOverride("url", ""))).toEqual([
        "Invalid registry URL: It is empty. Set it to the address of the registry, such as `ghcr.io`.",
      ]));
    test("values that only Terraform knows", () =>
      expect(
        problems((registry, stack) => {
          const known = secretOf(stack);
          Object.assign(registry, { name: known, url: known, username: "_json_key", password: known });
        }),
      ).toEqual([]));
    test("templates that were written by hand", () =>
      expect(
        problems((registry) =>
          Object.assign(registry, { url: "${var.host}", username: "_json_key", password: "%{ if true }{}%{ endif }" }),
        ),
      ).toEqual([]));
    test("an empty write-only password", () =>
      expect(
        problems((registry) => {
          registry.resetPassword();
          registry.passwordWo = "";
        }),
      ).toEqual(["Invalid password: It is empty. The API would accept it, and every pull would fail."]));
    test("one of two passwords that only Terraform knows, which may be null", () =>
      expect(problems((registry, stack) => (registry.passwordWo = secretOf(stack)))).toEqual([]));
    test("synth fails with the construct's path", () => {
      const stack = newStack();
      new Registry(stack, "ghcr", { ...whole, password: "secret-1" }).resetPassword();
      expect(() => framework.Testing.synth(stack, true)).toThrow(`[stack/ghcr] ${noPassword}`);
    });
  });

  test("moves to another construct, and is no longer checked there", () => {
    const stack = newStack();
    const old = new Registry(stack, "old", { ...whole, password: "secret-1" });
    new Registry(stack, "new", { ...whole, password: "secret-1" }).addMoveTarget("ghcr");
    old.resetPassword();
    old.moveTo("ghcr");
    const document = synth(stack);
    expect(document.moved).toEqual([{ from: "daytona_registry.old", to: "daytona_registry.new" }]);
    expect(Object.keys(document.resource.daytona_registry)).toEqual(["new"]);
  });

  test("is imported by its UUID", () => {
    const stack = newStack();
    new Registry(stack, "ghcr", { ...whole, password: secretOf(stack) }).importFrom(
      "2f1c9a52-0000-4000-8000-000000000001",
    );
    // Without the validations: the framework's own asks terraform for its version.
    expect(JSON.parse(framework.Testing.synth(stack)).import).toEqual([
      { id: "2f1c9a52-0000-4000-8000-000000000001", to: "daytona_registry.ghcr" },
    ]);
  });

  test("has the data source beside it", () => {
    const stack = newStack();
    const all = new DataDaytonaRegistries(stack, "all");
    new framework.TerraformOutput(stack, "out", { value: [all.ids, all.registries.get(0).url] });
    const document = synth(stack);
    expect(document.data).toEqual({ daytona_registries: { all: {} } });
    expect(document.output.out.value).toEqual([
      "${data.daytona_registries.all.ids}",
      "${data.daytona_registries.all.registries[0].url}",
    ]);
  });
});
