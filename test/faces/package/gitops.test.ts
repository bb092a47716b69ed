import Ajv from "ajv";
import addFormats from "ajv-formats";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parse } from "yaml";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { Shell } from "../support/shell";

jest.setTimeout(240_000);

const root = join(__dirname, "../../..");
const examples = join(root, "examples/gitops");
const yaml = (path: string): any => parse(readFileSync(join(examples, path), "utf8"), { merge: true });
const schema = (name: string): any => JSON.parse(readFileSync(join(root, "test/schemas", name), "utf8"));

describe("files by their published schemas", () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const workflow = ajv.compile(schema("github-workflow.json"));
  test.each(["drift.yml", "apply.yml"])("GitHub's %s", (name) => {
    expect([workflow(yaml(`github-actions/.github/workflows/${name}`)), workflow.errors]).toEqual([true, null]);
    expect(workflow({ ...yaml(`github-actions/.github/workflows/${name}`), jobs: { a: { steps: [] } } })).toBe(false);
  });

  /** As the API server with strict validation: what the schema does not know is an error. */
  const strict = (node: any): any => {
    if (Array.isArray(node)) return node.map(strict);
    if (typeof node !== "object" || node === null) return node;
    const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, strict(value)])) as any;
    if (
      copy.properties &&
      copy.type === "object" &&
      copy.additionalProperties === undefined &&
      copy["x-kubernetes-preserve-unknown-fields"] !== true
    )
      copy.additionalProperties = false;
    return copy;
  };
  test.each([
    ["flux/terraform.yaml", "tofu-controller-terraform.json"],
    ["pulumi-operator/stack.yaml", "pulumi-stack.json"],
  ])("%s by its CRD", (file, name) => {
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(strict(schema(name)));
    const manifest = yaml(file);
    expect(`${manifest.apiVersion} ${manifest.kind}`).toBe(schema(name).$comment);
    manifest.metadata = {};
    expect([validate(manifest), validate.errors]).toEqual([true, null]);
    expect(validate({ ...manifest, spec: { ...manifest.spec, nothing: 1 } })).toBe(false);
  });
});

describe("every shell step, against the local API", () => {
  let api: LocalApi;
  let machine: Shell;
  let dir: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    api = await startLocalApi({ pullSeconds: 0.1, buildSeconds: 0.1, cronSeconds: 0.05, activationCooldownSeconds: 0 });
    machine = new Shell();
    // Nothing is installed from a registry here.
    machine.script("npm", 'echo "npm $*" >> "$CALLS"');
    machine.script(
      "gh",
      'echo "gh $*" >> "$CALLS"\ncase "$*" in *"issue list"*) cat "$OPEN_ISSUE" 2>/dev/null ;; *"issue create"*) echo 7 > "$OPEN_ISSUE" ;; *"issue close"*) rm -f "$OPEN_ISSUE" ;; *--jq*comments*|*comments*--jq*) cat "$COMMENT" 2>/dev/null ;; *"--method POST"*) echo 99 > "$COMMENT" ;; esac\nexit 0',
    );
  });
  afterAll(async () => {
    await api.close();
    machine.remove();
  });
  beforeEach(async () => {
    dir = machine.folder();
    mkdirSync(join(dir, "infra"));
    writeFileSync(
      join(dir, "infra/main.tf"),
      'terraform {\n  required_providers {\n    daytona = { source = "daytona-iac/daytona" }\n  }\n}\nresource "daytona_snapshot" "agent" {\n  name  = "agent"\n  image = "ubuntu:24.04"\n}\n',
    );
    const file = (name: string): string => join(dir, name);
    env = {
      DAYTONA_API_URL: api.apiUrl,
      DAYTONA_RESOLVE_TAGS: "false",
      DAYTONA_API_KEY: api.apiKey,
      GITHUB_REPOSITORY: "acme/infra",
      NUMBER: "5",
      CALLS: file("calls"),
      OPEN_ISSUE: file("issue"),
      COMMENT: file("comment"),
      GITHUB_OUTPUT: file("output"),
      GITHUB_STEP_SUMMARY: file("summary"),
    };
    expect(await shell("terraform -chdir=infra init -input=false && terraform -chdir=infra apply -auto-approve")).toBe(
      0,
    );
    writeFileSync(file("calls"), "");
  });
  afterEach(() => api.control.reset());

  const shell = (text: string, more: Record<string, string> = {}): Promise<number> =>
    machine.run(text, dir, { ...env, ...more });
  const calls = (): string[] =>
    readFileSync(join(dir, "calls"), "utf8")
      .trim()
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.replace(dir, "."));
  const step = (workflow: string, job: string, name: string): string =>
    yaml(`github-actions/.github/workflows/${workflow}`).jobs[job].steps.find((it: any) => it.name === name).run;
  const idle = (): void => api.control.update("agent", { state: "inactive", updatedAt: Date.now() - 11 * 60_000 });

  /** The steps of drift.yml after the installation. Resolves with the code of the last one. */
  async function driftWorkflow(event: "schedule" | "pull_request"): Promise<number> {
    writeFileSync(join(dir, "output"), "");
    expect(await shell(step("drift.yml", "drift", "Install"))).toBe(0);
    expect(await shell(step("drift.yml", "drift", "Check"))).toBe(0);
    const CODE = /^code=(\d+)$/m.exec(readFileSync(join(dir, "output"), "utf8"))![1]!;
    expect(
      await shell(
        step(
          "drift.yml",
          "drift",
          event === "schedule" ? "Open an issue while there is drift" : "Comment on the pull request",
        ),
        { CODE },
      ),
    ).toBe(0);
    return shell(step("drift.yml", "drift", "Fail for errors, and for drift"), { CODE });
  }

  test("GitHub, on schedule: an issue is opened once, kept up to date, and closed when the drift is gone", async () => {
    expect(await driftWorkflow("schedule")).toBe(0);
    expect(calls()).toEqual(["npm install --global daytona-iac", expect.stringContaining("gh issue list")]);
    idle();
    expect(await driftWorkflow("schedule")).toBe(2);
    expect(await driftWorkflow("schedule")).toBe(2);
    for (const file of ["drift.html", "drift.json", "drift.sarif"]) expect(existsSync(join(dir, file))).toBe(true);
    expect(readFileSync(join(dir, "summary"), "utf8")).toContain("1 of 1 snapshot has drifted.");
    expect(await shell("terraform -chdir=infra apply -auto-approve")).toBe(0);
    expect(await driftWorkflow("schedule")).toBe(0);
    expect(calls().filter((line) => /gh issue (create|edit|close)/.test(line))).toEqual([
      "gh issue create --title Daytona snapshots have drifted --label snapshot-drift --body-file drift.md",
      "gh issue edit 7 --body-file drift.md",
      "gh issue close 7 --comment The drift is gone.",
    ]);
  });

  test("GitHub, for a pull request: one comment; what is not applied yet does not fail it; an error does", async () => {
    writeFileSync(
      join(dir, "infra/main.tf"),
      readFileSync(join(dir, "infra/main.tf"), "utf8").replace("24.04", "22.04"),
    );
    expect(await driftWorkflow("pull_request")).toBe(0);
    expect(await driftWorkflow("pull_request")).toBe(0);
    expect(calls().filter((line) => line.includes("--method"))).toEqual([
      "gh api --method POST repos/acme/infra/issues/5/comments --field body=@drift.md --silent",
      "gh api --method PATCH repos/acme/infra/issues/comments/99 --field body=@drift.md --silent",
    ]);
    expect(readFileSync(join(dir, "drift.md"), "utf8")).toMatch(
      /^<!-- daytona-iac-drift -->\n\n### 🟡 Daytona snapshots: No drift, but 1 unapplied change in 1 snapshot\./,
    );
    env["DAYTONA_API_KEY"] = "dtn_wrong";
    expect(await driftWorkflow("pull_request")).toBe(1);
  });

  test("GitHub, on merge: the saved plan is applied", async () => {
    writeFileSync(
      join(dir, "infra/main.tf"),
      readFileSync(join(dir, "infra/main.tf"), "utf8").replace("24.04", "22.04"),
    );
    for (const name of ["Install", "Plan"])
      expect([name, await shell(step("apply.yml", "plan", name))]).toEqual([name, 0]);
    expect(readFileSync(join(dir, "output"), "utf8")).toBe("changes=2\n");
    for (const name of ["Install", "Apply"])
      expect([name, await shell(step("apply.yml", "apply", name))]).toEqual([name, 0]);
    expect(api.control.snapshot("agent")?.imageName).toBe("ubuntu:22.04");
    rmSync(join(dir, "output"));
    expect(await shell(step("apply.yml", "plan", "Plan"))).toBe(0);
    expect(readFileSync(join(dir, "output"), "utf8")).toBe("changes=0\n");
  });

  test("GitLab: the report, the note of the merge request, and the saved plan", async () => {
    const notes: { method: string; url: string; body: string; token: string }[] = [];
    const gitlab: Server = createServer((request, response) => {
      let body = "";
      request
        .on("data", (part: Buffer) => void (body += part.toString()))
        .on("end", () => {
          if (request.method !== "GET")
            notes.push({
              method: request.method!,
              url: request.url!,
              body: new URLSearchParams(body).get("body")!,
              token: String(request.headers["private-token"]),
            });
          response
            .setHeader("content-type", "application/json")
            .end(JSON.stringify(notes.slice(0, 1).map((note) => ({ id: 3, body: note.body }))));
        });
    });
    await new Promise<void>((resolve) => gitlab.listen(0, "127.0.0.1", resolve));
    try {
      const { ".setup": setup, drift, plan, apply } = yaml("gitlab/.gitlab-ci.yml");
      const job = (lines: string[]): Promise<number> =>
        shell([...setup.before_script, ...lines].join("\n"), {
          CI_MERGE_REQUEST_IID: "4",
          GITLAB_TOKEN: "planted-token",
          CI_PROJECT_ID: "1",
          CI_API_V4_URL: `http://127.0.0.1:${(gitlab.address() as AddressInfo).port}/api/v4`,
        });
      expect(await job(drift.script)).toBe(0);
      idle();
      expect(await job(drift.script)).toBe(2);
      expect(notes.map(({ method, url, token }) => [method, url, token])).toEqual([
        ["POST", "/api/v4/projects/1/merge_requests/4/notes", "planted-token"],
        ["PUT", "/api/v4/projects/1/merge_requests/4/notes/3", "planted-token"],
      ]);
      expect(notes[1]!.body).toMatch(
        /^<!-- daytona-iac-drift -->\n\n### 🔴 Daytona snapshots: 1 of 1 snapshot has drifted\./,
      );
      for (const file of [...drift.artifacts.paths, drift.artifacts.reports.junit])
        expect([file, existsSync(join(dir, file))]).toEqual([file, true]);
      expect(machine.told).not.toContain("planted-token");
      expect(await job(plan.script)).toBe(0);
      expect(await job(apply.script)).toBe(0);
      expect(api.control.snapshot("agent")?.state).toBe("active");
    } finally {
      gitlab.close();
    }
  });

  test("Atlantis: drift from the plan that it has made", async () => {
    idle();
    const { run } = yaml("atlantis/atlantis.yaml").workflows.snapshots.plan.steps[2];
    expect(await shell("cd infra && terraform plan -out=../plan")).toBe(0);
    expect(await shell(`cd infra && ${run.command}`, { PLANFILE: join(dir, "plan") })).toBe(0);
    expect(machine.told).toContain("1 of 1 snapshot has drifted.");
    expect(await shell(`cd infra && ${run.command}`, { PLANFILE: "/nowhere" })).toBe(1);
  });
});
