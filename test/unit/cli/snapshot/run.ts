import { runSnapshot } from "../../../../provider/cli/snapshot/command";
import type { Io } from "../../../../provider/cli/io";
import { type LocalApi, type LocalApiOptions, startLocalApi } from "../../../../provider/local";

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** A local API for a file of tests, and `daytona-iac snapshot` against it. */
export function commandLine(options: LocalApiOptions = {}): {
  api(): LocalApi;
  run(args: string[], more?: Partial<Io>): Promise<Ran>;
} {
  let api: LocalApi;
  beforeAll(
    async () =>
      void (api = await startLocalApi({
        pullSeconds: 0.05,
        buildSeconds: 0.2,
        cronSeconds: 0.02,
        activationCooldownSeconds: 0,
        ...options,
      })),
  );
  afterEach(() => api.control.reset());
  afterAll(() => api.close());
  return {
    api: () => api,
    run: (args, more) => runOn(api, args, more),
  };
}

/** `daytona-iac snapshot`, against one local API. */
export async function runOn(api: LocalApi, args: string[], more: Partial<Io> = {}): Promise<Ran> {
  let [out, err] = ["", ""];
  const env = {
    DAYTONA_API_URL: api.apiUrl,
    DAYTONA_API_KEY: api.apiKey,
    DAYTONA_RESOLVE_TAGS: "false",
    HOME: "/nonexistent",
    ...more.env,
  };
  const code = await runSnapshot(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    ...more,
    env,
  });
  expect(out + err).not.toContain(api.apiKey);
  return { code, out, err };
}
