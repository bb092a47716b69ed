import { runDrift } from "../../../../provider/cli/drift/command";
import type { Io } from "../../../../provider/cli/io";
import type { LocalApi } from "../../../../provider/local";
import type { Ran } from "../snapshot/run";

/** `daytona-iac drift`, against a local API. */
export async function drift(api: LocalApi, args: string[], more: Partial<Io> = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  const env = {
    DAYTONA_API_URL: api.apiUrl,
    DAYTONA_API_KEY: api.apiKey,
    HOME: "/nonexistent",
    PATH: process.env["PATH"],
    ...more.env,
  };
  const code = await runDrift(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    ...more,
    env,
  });
  expect(out + err).not.toContain(api.apiKey);
  return { code, out, err };
}
