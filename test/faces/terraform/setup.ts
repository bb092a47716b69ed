import { type LocalApi, type LocalApiOptions, startLocalApi } from "../../../provider/local";
import { Project, type ProjectOptions, type Result } from "../support/terraform";

/** Quick pulls and builds, no rest after a deactivation: what is waited for here is Terraform. */
export const quick: LocalApiOptions = {
  pullSeconds: 0.1,
  buildSeconds: 0.1,
  activationCooldownSeconds: 0,
  cronSeconds: 0.05,
};

/** One API for a file of tests; every test has projects of its own, which are removed after it. */
export function setup(options: LocalApiOptions = {}): {
  api: () => LocalApi;
  project: (program?: string, more?: Partial<ProjectOptions>) => Project;
} {
  let api: LocalApi | undefined;
  let projects: Project[] = [];
  beforeAll(async () => {
    api = await startLocalApi({ ...quick, ...options });
  });
  afterEach(() => {
    for (const project of projects) project.remove();
    projects = [];
    api?.control.reset();
    api?.control.events("on");
  });
  afterAll(() => api?.close());
  const running = (): LocalApi => {
    if (api === undefined) throw new Error("the local API is not up yet");
    return api;
  };
  return {
    api: running,
    project(program, more = {}) {
      const project = new Project({
        ...more,
        env: {
          DAYTONA_API_URL: running().apiUrl,
          DAYTONA_API_KEY: running().apiKey,
          // No test asks registries of the internet.
          DAYTONA_RESOLVE_TAGS: "false",
          ...more.env,
        },
      });
      projects.push(project);
      return program === undefined ? project : project.program(program);
    },
  };
}

/** Fails with what Terraform printed. */
export function ok(result: Result, code = 0): Result {
  if (result.code !== code)
    throw new Error(`exit code ${result.code}, not ${code}:\n${result.stdout}\n${result.stderr}`);
  return result;
}

/** `daytona_snapshot.agent` of `ubuntu:24.04`, with more of it. */
export function agent(body = "", source = 'image = "ubuntu:24.04"'): string {
  return `resource "daytona_snapshot" "agent" {\n  name = "agent"\n  ${source}\n  ${body}\n}\n`;
}

/** Somebody, or two weeks without use, deactivated it: long enough ago that it may be activated again. */
export function idle(api: LocalApi, name: string): void {
  api.control.update(name, { state: "inactive", updatedAt: Date.now() - 11 * 60_000 });
}
