import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "../../..");

/** Lints `code` as if it were the file `path`, with the repository's own configuration. */
function lint(path: string, code: string): { ok: boolean; output: string } {
  const eslint = join(root, "node_modules/eslint/bin/eslint.js");
  const run = spawnSync(process.execPath, [eslint, "--stdin", "--stdin-filename", path], {
    cwd: root,
    input: code,
    encoding: "utf8",
  });
  return { ok: run.status === 0, output: run.stdout + run.stderr };
}

describe("the direction of imports", () => {
  test.each([
    [
      "provider/api/x.ts",
      'import { snapshotTable } from "../resources/snapshot/attributes";\nexport const a = snapshotTable;\n',
      "api",
    ],
    ["provider/terraform/x.ts", 'import { ApiError } from "../api/errors";\nexport const a = ApiError;\n', "terraform"],
    ["provider/resources/x.ts", 'import { ApiError } from "../api/errors";\nexport const a = ApiError;\n', "resources"],
    ["provider/source/x.ts", 'import { ApiError } from "../api/errors";\nexport const a = ApiError;\n', "source"],
    [
      "provider/kit/x.ts",
      'import type { Endpoints } from "../resources";\nexport type A = Endpoints<never, never>;\n',
      "kit",
    ],
    [
      "provider/cdktf/x.ts",
      'import type { TfSchema } from "../terraform/types";\nexport type A = TfSchema;\n',
      "cdktf",
    ],
  ])("%s may not import that", (path, code, room) => {
    const { ok, output } = lint(path, code);
    expect(output).toContain(`no policy allowing dependencies from elements of type "${room}"`);
    expect(ok).toBe(false);
  });

  test.each([
    ["provider/lifecycle/x.ts", 'import { ApiError } from "../api/errors";\nexport const a = ApiError;\n'],
    ["provider/cdktf/x.ts", 'import { plainSource } from "../source/image";\nexport const a = plainSource;\n'],
    ["provider/pulumi/x.ts", 'import { plainSource } from "../source/image";\nexport const a = plainSource;\n'],
    ["provider/resources/x.ts", 'import type { SnapshotDto } from "../api/types";\nexport type A = SnapshotDto;\n'],
    ["provider/api/x.ts", 'import { UNKNOWN } from "../kit/unknown";\nexport const a = UNKNOWN;\n'],
  ])("%s may import that", (path, code) => {
    expect(lint(path, code)).toEqual({ ok: true, output: "" });
  });
});
