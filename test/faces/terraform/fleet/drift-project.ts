import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { placeProvider } from "../../../../provider/cli/install/mirror";
import { packageFiles } from "../../../../provider/cli/install/package";
import { terraformPlatform } from "../../../../provider/cli/install/platforms";
import type { DriftReport } from "../../../../provider/fleet/report/report";
import type { LocalApi } from "../../../../provider/local";
import { version } from "../../../../provider/version.gen";
import { drift } from "../../../unit/cli/drift/run";
import { buildExecutable } from "../../support/executable";
import { terraformBinary } from "../../support/terraform";

const exec = promisify(execFile);
export const binary = terraformBinary()!;
export const head = 'terraform {\n  required_providers {\n    daytona = { source = "daytona-iac/daytona" }\n  }\n}\n';

export interface Ground {
  /** Working folder of the test, and of this process. */
  readonly dir: string;
  readonly env: Record<string, string>;
  /** Not by a synchronous call: the API is in this process. */
  tool(...args: string[]): Promise<{ stdout: string; stderr: string }>;
  /** Writes, initializes and applies a program. */
  applied(program: string): Promise<void>;
  /** `daytona-iac drift`, with its report. */
  run(...args: string[]): Promise<{ code: number; report: DriftReport; text: string }>;
}

/** A folder of its own for every test, with the provider in a mirror. */
export function ground(api: () => LocalApi): () => Ground {
  const here = process.cwd();
  let work: string;
  let dir: string;
  let env: Record<string, string>;
  beforeAll(() => {
    work = mkdtempSync(join(tmpdir(), "daytona-iac-drift-test-"));
    const provider = buildExecutable();
    const platform = terraformPlatform(process.platform, process.arch);
    placeProvider(
      join(work, "mirror"),
      packageFiles(join(provider.dir, readdirSync(provider.dir)[0]!), version, platform, false),
      version,
      platform,
    );
    provider.remove();
    writeFileSync(
      join(work, "cli.rc"),
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(join(work, "mirror"))}\n  }\n}\n`,
    );
  });
  beforeEach(() => {
    dir = mkdtempSync(join(work, "project-"));
    process.chdir(dir);
    env = {
      PATH: process.env["PATH"]!,
      HOME: dir,
      TF_CLI_CONFIG_FILE: join(work, "cli.rc"),
      CHECKPOINT_DISABLE: "1",
      DAYTONA_API_URL: api().apiUrl,
      DAYTONA_API_KEY: api().apiKey,
      // No test asks registries of the internet.
      DAYTONA_RESOLVE_TAGS: "false",
    };
  });
  afterEach(() => process.chdir(here));
  afterAll(() => rmSync(work, { recursive: true, force: true }));
  return () => {
    const tool: Ground["tool"] = (...args) => exec(binary, args, { cwd: dir, env });
    return {
      dir,
      env,
      tool,
      async applied(program) {
        writeFileSync("main.tf", head + program);
        await tool("init", "-no-color");
        await tool("apply", "-auto-approve", "-no-color");
      },
      async run(...args) {
        const at = args.indexOf("--");
        const own = at < 0 ? args : args.slice(0, at);
        const { code, out, err } = await drift(
          api(),
          [
            ...own,
            ...(own.includes("--binary") ? [] : ["--binary", binary]),
            "--format",
            "json",
            ...(at < 0 ? [] : args.slice(at)),
          ],
          { env },
        );
        if (!out.startsWith("{")) throw new Error(`no report, but ${code}: ${out}${err}`);
        return { code, report: JSON.parse(out) as DriftReport, text: out };
      },
    };
  };
}
