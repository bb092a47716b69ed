import { createHash } from "node:crypto";
import { ok, setup } from "./setup";
import { testSince } from "./versions";

jest.setTimeout(120_000);
const SECRET = "planted-secret-of-the-registry";
const { api, project } = setup({
  registry: { url: "https://registry.example.com:5000/", username: "robot", secret: SECRET },
});
const it10 = testSince({ terraform: 10, tofu: 11 });
// Provisioners take ephemeral values: what runs here is what `docker login` would be.
const push = `
  ephemeral "daytona_registry_push_access" "push" {}
  resource "terraform_data" "push" {
    provisioner "local-exec" {
      command     = "printf %s \\"$PASSWORD\\" | sha256sum > sum; printf %s \\"$ADDRESS\\" > address"
      environment = {
        PASSWORD = ephemeral.daytona_registry_push_access.push.password
        ADDRESS  = "\${ephemeral.daytona_registry_push_access.push.username}@\${ephemeral.daytona_registry_push_access.push.host}/\${ephemeral.daytona_registry_push_access.push.project}"
      }
    }
  }
`;
const asked = (): number =>
  api()
    .control.requests()
    .filter(({ kind }) => kind === "registry-access").length;

it10("a tool in the same apply gets the credentials, and neither plan nor state nor log has them", async () => {
  const program = project(push);
  ok(await program.run(["plan", "-json", "-out=saved.plan"]));
  const applied = ok(
    await program.run(["apply", "-json", "saved.plan"], { env: { TF_LOG: "TRACE", TF_LOG_PATH: "trace.log" } }),
  );
  expect(program.read("sum").split(" ")[0]).toBe(createHash("sha256").update(SECRET).digest("hex"));
  expect(program.read("address")).toMatch(/^robot@registry\.example\.com:5000\/[^/]+$/);
  // Terraform's own trace has what goes over the wire to its plugins only by name.
  for (const [where, text] of Object.entries({ files: program.everything(), printed: applied.stdout + applied.stderr }))
    expect({ where, found: text.includes(SECRET) }).toEqual({ where, found: false });
  // One for the plan and one for the apply: they do not outlive a command.
  expect(asked()).toBe(2);
  expect(JSON.stringify(program.state())).not.toContain("password");
});

it10("a region is asked for by its ID, and one that there is not is an error", async () => {
  const program = project(push.replace('"push" {}', '"push" {\n  region = "nowhere"\n}'));
  const { code, errors } = await program.plan();
  expect(code).toBe(1);
  expect(errors.map(({ summary }) => summary)).toEqual([
    expect.stringMatching(/^Requesting credentials for the registry/),
  ]);
});

it10("an organization beside the API key of another one: no credentials", async () => {
  const env = { DAYTONA_ORGANIZATION_ID: "7f9e4c8e-1111-4222-8333-444444444444" };
  const before = asked();
  const { errors } = await project(push, { env }).plan();
  expect(errors).toMatchObject([
    { summary: "Requesting credentials for the registry: the credentials belong to another organization" },
  ]);
  expect(errors[0]!.detail).toContain("DAYTONA_ORGANIZATION_ID names organization 7f9e4c8e");
  expect(asked()).toBe(before);
});

it10("an output cannot be written", async () => {
  const { errors } = await project(push.replace('"push" {}', '"push" {\n  password = "mine"\n}')).validate();
  expect(errors.map(({ detail }) => detail).join()).toMatch(/password/);
});
