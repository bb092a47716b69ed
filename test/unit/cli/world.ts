import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, type LocalApiOptions, startLocalApi } from "../../../provider/local";

/** A local API for a file of tests, and a working folder of its own for every test. */
export function world(options: LocalApiOptions = {}): { readonly api: LocalApi } {
  const here = process.cwd();
  let api: LocalApi | undefined;
  let folder: string;
  beforeAll(async () => void (api = await startLocalApi(options)));
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "daytona-cli-")));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(here);
    rmSync(folder, { recursive: true });
    api?.control.reset();
  });
  afterAll(() => api?.close());
  return {
    get api() {
      if (api === undefined) throw new Error("the local API is not up yet");
      return api;
    },
  };
}
