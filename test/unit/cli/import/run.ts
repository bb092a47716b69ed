import { runImport } from "../../../../provider/cli/import/command";
import type { LocalApi } from "../../../../provider/local";
import type { Ran } from "../snapshot/run";

/** `daytona-iac import`, against a local API. */
export async function importInto(api: LocalApi, args: readonly string[]): Promise<Ran> {
  let [out, err] = ["", ""];
  const env = { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, HOME: "/nonexistent" };
  const code = await runImport([...args], {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    env,
  });
  return { code, out, err };
}
