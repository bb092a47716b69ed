import os from "node:os";
import { runTool, withTemporaryFolder } from "../../../../provider/cli/drift/tool-process";
import { FleetError } from "../../../../provider/fleet/resource";

afterEach(() => jest.restoreAllMocks());

const failure = (work: Promise<unknown>): Promise<{ summary: string; detail: string }> =>
  work.then(
    () => Promise.reject(new Error("expected a failure")),
    (error: unknown) =>
      error instanceof FleetError ? { summary: error.summary, detail: error.detail } : Promise.reject(error),
  );

test.each([
  ["/no/such/folder", "it does not exist (ENOENT)"],
  [__filename, "a part of its path is a file, not a folder (ENOTDIR)"],
])("TMPDIR=%s: a sentence", async (folder, why) => {
  // Jest's environment is not the one that Node looks into.
  jest.spyOn(os, "tmpdir").mockReturnValue(folder);
  let ran = false;
  expect(await failure(withTemporaryFolder(async () => void (ran = true)))).toEqual({
    summary: "a temporary folder cannot be created",
    detail: `The folder ${folder} cannot be used: ${why}. Set TMPDIR (on Windows TEMP) to a writable folder.`,
  });
  expect(ran).toBe(false);
});

test("a tool that cannot be started", async () => {
  const options = { cwd: "/", env: {}, signal: new AbortController().signal };
  expect(await failure(runTool("no-such-tool-anywhere", [], options))).toEqual({
    summary: "no-such-tool-anywhere was not found",
    detail: "Install it, or put it on PATH.",
  });
  expect(await failure(runTool(__dirname, [], options))).toEqual({
    summary: `${__dirname} could not be started`,
    detail: "Permission denied (EACCES).",
  });
});
