import type { Io } from "../../../../provider/cli/io";
import { main } from "../../../../provider/cli/main";
import { type LocalApi, startLocalApi } from "../../../../provider/local";
import type { Ran } from "../snapshot/run";

/** In every password of these tests, and in no output. */
export const PLANTED = "planted";
export const PASSWORD = `${PLANTED}-password`;

/** A local API for a file of tests, and `daytona-iac registry` against it. */
export function registryCommandLine(): {
  api(): LocalApi;
  run(args: string[], more?: Partial<Io>): Promise<Ran>;
  create(name: string, more?: string[]): Promise<string>;
  changing(): string[];
} {
  let api: LocalApi;
  beforeAll(async () => void (api = await startLocalApi()));
  afterEach(() => api.control.reset());
  afterAll(() => api.close());
  const run = async (args: string[], more: Partial<Io> = {}): Promise<Ran> => {
    let [out, err] = ["", ""];
    const env = { DAYTONA_API_URL: api.apiUrl, DAYTONA_API_KEY: api.apiKey, HOME: "/nonexistent", ...more.env };
    const code = await main(["registry", ...args], {
      out: (text) => void (out += text),
      err: (text) => void (err += text),
      ...more,
      env,
    });
    expect(out + err).not.toContain(PLANTED);
    expect(out + err).not.toContain(api.apiKey);
    return { code, out, err };
  };
  return {
    api: () => api,
    run,
    create: async (name, more = ["--url", "docker.io", "--username", "robot"]) => {
      const { code, out } = await run(["create", name, ...more, "--format", "json"], {
        env: { DAYTONA_IAC_REGISTRY_PASSWORD: PASSWORD },
      });
      expect(code).toBe(0);
      return (JSON.parse(out) as { id: string }).id;
    },
    changing: () =>
      api.control
        .requests()
        .filter(({ method }) => method !== "GET")
        .map(({ method }) => method),
  };
}
