import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { install } from "./dynamic/package";
import { NodeStack } from "./dynamic/setup";
import { PATIENCE, describeWithTools, fixture, installPlugin, ok, quick } from "./setup";
import { type Message, serveNative } from "./wire";

jest.setTimeout(PATIENCE);

const DOCKERFILE = "FROM alpine:3.20\nCOPY app /app\n";
const HASH = "v2:[0-9a-f]{64}";

describeWithTools(
  "under the real engine: files that change between the preview and the update",
  ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"],
  () => {
    const { api, stack } = fixture(
      (folder) => {
        install(folder);
        installPlugin(folder);
      },
      (folder, env, name) => new NodeStack(folder, env, join(folder, "node_modules"), name),
    );
    const builds = () =>
      api()
        .control.requests()
        .filter(({ method }) => method === "POST").length;

    /** A program that writes files when it is no preview. */
    async function built(entry: string, more = ""): Promise<NodeStack> {
      const s = await stack();
      s.write("Dockerfile", DOCKERFILE);
      s.write(
        "index.js",
        `
      const pulumi = require("@pulumi/pulumi");
      const fs = require("node:fs");
      fs.mkdirSync("app", { recursive: true });
      fs.appendFileSync("app/run.sh", "");
      if (fs.existsSync("change") && !pulumi.runtime.isDryRun()) for (const file of ["run.sh", "new.sh"]) fs.appendFileSync("app/" + file, "changed");
      const { Snapshot } = require(${JSON.stringify(entry)});
      new Snapshot("agent", { name: "agent", dockerfile: "Dockerfile"${more} });
    `,
      );
      return s;
    }

    test.each(["daytona-iac/pulumi/native", "daytona-iac/pulumi"])(
      "%s: named, once, and built as they are now",
      async (entry) => {
        const s = await built(entry);
        expect(ok(await s.run(["up", "--yes"])).text).not.toContain("has changed since");
        const before = api().control.snapshot("agent")?.buildInfo?.contextHashes;
        s.write("change", "");
        s.write("app/first.sh", "");
        const updated = ok(await s.run(["up", "--yes"])).text;
        const [told = "", ...others] =
          updated
            .split("Diagnostics:")
            .at(-1)
            ?.match(/[^\n]*the source has changed since[\s\S]*?The files are used as they are now\./g) ?? [];
        expect(told.replace(/^ +/gm, "")).toBe(
          'warning: comparing snapshot "agent": the source has changed since the preview\nChanged since then:\napp/new.sh (added)\napp/run.sh (changed)\n\nThe files are used as they are now.',
        );
        expect(others).toEqual([]);
        expect(updated).not.toMatch(/\bbug\b/);
        expect(api().control.snapshot("agent")?.buildInfo?.contextHashes).not.toEqual(before);
        rmSync(join(s.program, "change"));
        expect(ok(await s.run(["up", "--yes", "--expect-no-changes"])).text).not.toContain("has changed since");
      },
    );

    test("a new snapshot of the native provider", async () => {
      const s = await built("daytona-iac/pulumi/native");
      s.write("change", "");
      const updated = ok(await s.run(["up", "--yes"])).text;
      expect(updated).toMatch(
        /creating snapshot "agent": the source has changed since the preview\n\s*Changed since then:\n\s*app\/new\.sh \(added\)\n\s*app\/run\.sh \(changed\)\n/,
      );
    });

    test("an update that is held to a saved plan is refused, with the files, before anything is built", async () => {
      const s = await built("daytona-iac/pulumi/native", ", cpu: 2");
      const refused = async (doing: string) => {
        ok(await s.preview("--save-plan", "plan.json"));
        s.write("app/run.sh", `more ${doing}`);
        const requests = builds();
        const { text, code } = await s.up("--plan", "plan.json");
        expect(code).not.toBe(0);
        expect(text.replace(/^ +/gm, "")).toMatch(
          new RegExp(
            `${doing} snapshot "agent": the source has changed since the preview\\nChanged since then:\\napp/run\\.sh \\(changed\\)\\n\\nThe plan in \\S+/plan\\.json has the source hash ${HASH}; now it is ${HASH}\\. Nothing was built\\. Save the plan again\\.`,
          ),
        );
        expect(text).not.toMatch(/\bbug\b/);
        expect(builds()).toBe(requests);
      };
      await refused("creating");
      ok(await s.preview("--save-plan", "plan.json"));
      ok(await s.up("--plan", "plan.json"));
      await refused("comparing");
    });
  },
);

describe("over the wire: files that change while an update runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "daytona-iac-changed-"));
  const urn = "urn:pulumi:dev::agents::daytona:index:Snapshot::agent";
  const inputs: Message = {
    name: "agent",
    dockerfile: join(folder, "Dockerfile"),
    active: true,
    replacement: "recreate",
  };
  let api: LocalApi;
  beforeAll(async () => {
    api = await startLocalApi(quick);
  });
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a change that would need a replacement is refused, with the file; the next comparison asks for it", async () => {
    const dockerfile = (text: string) =>
      writeFileSync(join(folder, "Dockerfile"), `FROM alpine:3.20\nRUN echo ${text}\n`);
    dockerfile("one");
    const wire = await serveNative({ DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, HOME: folder });
    try {
      await wire.call("Configure", { args: {} });
      const { properties: olds } = (await wire.call("Create", { urn, properties: inputs })).response as {
        properties: Message;
      };
      const { id } = api.control.snapshot("agent") as { id: string };
      const news = { ...inputs, active: false };
      expect((await wire.call("Diff", { id: "agent", urn, olds, news })).response).toMatchObject({
        changes: 2,
        diffs: ["active"],
      });
      dockerfile("two");
      const { error } = await wire.call("Update", { id: "agent", urn, olds, news });
      expect(error?.message).toBe(
        `updating snapshot "agent": the source has changed since this run first read it\nChanged since then:\n  ${join(folder, "Dockerfile")} (changed)\n\nThe files are used as they are now. They need a replacement, which this update cannot do. Nothing was changed. Run \`pulumi up\` again.`,
      );
      expect(api.control.snapshot("agent")).toMatchObject({ id, state: "active" });
      expect((await wire.call("Diff", { id: "agent", urn, olds, news })).response).toMatchObject({
        replaces: ["sourceHash"],
      });
    } finally {
      await wire.close();
    }
  });
});
