import { copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { Project, type Result } from "../support/terraform";
import { Projects, run } from "./project";

const projects = new Projects();
let api: LocalApi;
let env: Record<string, string>;

beforeAll(async () => {
  expect(await projects.install()).toEqual({ code: 0, output: "" });
  api = await startLocalApi({ pullSeconds: 0.2 });
  env = { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, TF_VAR_token: "planted-pull-token" };
}, 120_000);
afterAll(async () => {
  projects.remove();
  await api?.close();
});
afterEach(() => api.control.reset());

const succeeded = (result: Result): Result => {
  expect({ code: result.code, errors: result.errors, stderr: result.stderr }).toEqual({
    code: 0,
    errors: [],
    stderr: "",
  });
  return result;
};

/** A program with a private image and the credentials for it, whose `password` is the lines of the registry's password. */
function program(framework: string, password: string): string {
  return [
    `const { App, TerraformOutput, TerraformStack, TerraformVariable } = require("${framework}");`,
    `const { DaytonaProvider, DataDaytonaRegistries, Registry, Snapshot } = require("daytona-iac/${framework}");`,
    `const app = new App({ context: { targetVersions: { terraform: ">=1.11.0", opentofu: ">=1.11.0" } } });`,
    `const stack = new TerraformStack(app, "images");`,
    `new DaytonaProvider(stack, "daytona");`,
    `const token = new TerraformVariable(stack, "token", { type: "string", sensitive: true });`,
    `const ghcr = new Registry(stack, "ghcr", { name: "ghcr", url: "https://ghcr.io/", username: "robot", ${password} });`,
    `new Snapshot(stack, "agent", { name: "agent", image: "ghcr.io/team/agent:1.0", dependsOn: [ghcr] });`,
    `const all = new DataDaytonaRegistries(stack, "all", { dependsOn: [ghcr] });`,
    `new TerraformOutput(stack, "urls", { value: all.registries.get(0).url });`,
    `app.synth();`,
  ].join("\n");
}

test.each(["cdktf", "cdktn"])(
  "a Registry of %s is applied before the snapshot, rotated and destroyed by real Terraform, and no file has the password",
  async (framework) => {
    const project = new Project({ env });
    const write = async (password: string): Promise<Project> => {
      const main = join(projects.folder, `registry-${framework}.js`);
      writeFileSync(main, program(framework, password));
      expect(await run(process.execPath, [main], project.dir)).toEqual({ code: 0, output: "" });
      copyFileSync(join(project.dir, "cdktf.out/stacks/images/cdk.tf.json"), join(project.dir, "cdk.tf.json"));
      return project;
    };
    try {
      project.write("versions.tf", ""); // the stack says by itself what it requires
      await write("passwordWo: token.stringValue, passwordWoVersion: 1");
      succeeded(await project.run(["init"]));
      succeeded(await project.apply());
      expect(api.control.registries()).toMatchObject([
        { name: "ghcr", url: "https://ghcr.io", username: "robot", password: "planted-pull-token" },
      ]);
      expect(api.control.snapshot("agent")).toMatchObject({ imageName: "ghcr.io/team/agent:1.0", state: "active" });
      const posts = api.control
        .requests()
        .filter(({ method }) => method === "POST")
        .map(({ path }) => path.replace(/^\/api/, ""));
      expect(posts).toEqual(["/docker-registry", "/snapshots"]);
      expect(JSON.parse((await project.run(["output", "-json"])).stdout)).toMatchObject({
        urls: { value: "https://ghcr.io" },
      });
      expect(await project.plan()).toMatchObject({ code: 0, changes: [] });

      await write("passwordWo: token.stringValue, passwordWoVersion: 2");
      project.env["TF_VAR_token"] = "planted-second-token";
      expect(succeeded(await project.apply()).changes).toContain("update daytona_registry.ghcr");
      expect(api.control.registries()).toMatchObject([{ password: "planted-second-token" }]);
      const written = readdirSync(project.dir).filter((file) => /\.(json|tfstate|backup)$/.test(file));
      expect(written).toEqual(["cdk.tf.json", "terraform.images.tfstate", "terraform.images.tfstate.backup"]);
      for (const file of written) expect(readFileSync(join(project.dir, file), "utf8")).not.toContain("planted-");

      succeeded(await project.destroy());
      expect(api.control.registries()).toEqual([]);
    } finally {
      project.remove();
    }
  },
  120_000,
);
