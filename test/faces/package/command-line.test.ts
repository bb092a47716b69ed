import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalApi, startLocalApi } from "../../../provider/local";

const cli = join(__dirname, "../../../dist/cli/main.js");
let api: LocalApi;
beforeAll(async () => void (api = await startLocalApi()));
afterAll(() => api.close());

test("a reader that has enough, such as head, ends the command without a stack trace", async () => {
  api.control.seed(2_000);
  const child = spawn(process.execPath, [cli, "snapshot", "list", "--all-pages", "--format", "json"], {
    env: {
      PATH: "",
      HOME: tmpdir(),
      DAYTONA_API_URL: api.apiUrl,
      DAYTONA_RESOLVE_TAGS: "false",
      DAYTONA_API_KEY: api.apiKey,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let err = "";
  child.stderr.on("data", (data: Buffer) => void (err += data.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  expect({ code, err }).toEqual({ code: 0, err: "" });
});
