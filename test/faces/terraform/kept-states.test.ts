import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type LocalApi, startLocalApi } from "../../../provider/local";
import { Project } from "../support/terraform";
import { ok, quick } from "./setup";

jest.setTimeout(120_000);
/** A state that release 0.1.0 wrote before it had a second resource, its program, and what the API had. Never written anew. */
const kept = join(__dirname, "../../golden/states/terraform");
const home = process.cwd();
let api: LocalApi;
let here: Project;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "daytona-iac-kept-"));
  cpSync(join(kept, "api.json"), join(folder, "api.json"));
  api = await startLocalApi({ ...quick, data: join(folder, "api.json") });
  here = new Project({ env: { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey } });
  for (const file of ["main.tf", "app"]) cpSync(join(kept, file), join(here.dir, file), { recursive: true });
  // Not kept under its own name, which version control ignores.
  cpSync(join(kept, "state.json"), join(here.dir, "terraform.tfstate"));
  // The provider of these tests runs in this process, and reads a Dockerfile from where Terraform would start it.
  process.chdir(here.dir);
});
afterEach(async () => {
  process.chdir(home);
  here.remove();
  await api.close();
  rmSync(folder, { recursive: true, force: true });
});

const writes = (): string[] =>
  api.control
    .requests()
    .filter(({ method }) => method !== "GET")
    .map(({ method, path }) => `${method} ${path}`);

/** Terraform stores that `build_args` was sensitive in every state of that build, and plans to write that it is not: once, for each snapshot. */
const all = ["context", "image", "imported", "imported_only", "inline", "prefixed"].map(
  (name) => `update daytona_snapshot.${name}`,
);

test("a state of an earlier build plans nothing but what an import takes over, and nothing is sent for that", async () => {
  const planned = ok(await here.plan(), 2);
  expect(planned.changes.sort()).toEqual(all);
  ok(await here.run(["plan", "-out=plan"]));
  const { resource_changes: changes } = JSON.parse(ok(await here.run(["show", "-json", "plan"])).stdout) as {
    resource_changes: { name: string; change: { before: object; after: object } }[];
  };
  expect(
    changes.flatMap(({ name, change: { before, after } }) => (isDeepStrictEqual(before, after) ? [] : [name])),
  ).toEqual(["imported_only"]);
  ok(await here.apply());
  expect(writes()).toEqual([]);
  expect(ok(await here.plan()).changes).toEqual([]);
});

test("its snapshots are changed and destroyed as ever", async () => {
  const before = api.control.snapshots().length;
  here.program(
    here.read("main.tf").replace("cpu   = 2", "cpu   = 3").replace("active      = false", "active      = true"),
  );
  expect(ok(await here.apply()).changes.sort()).toEqual(all);
  expect(api.control.snapshots()).toHaveLength(before);
  expect(api.control.snapshot("image")).toMatchObject({ cpu: 3, state: "active" });
  ok(await here.destroy());
  expect(api.control.snapshots()).toEqual([]);
});
