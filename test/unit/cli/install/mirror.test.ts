import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installationBlock } from "../../../../provider/cli/install/config";
import { install } from "../../../../provider/cli/install/install";
import { placeProvider } from "../../../../provider/cli/install/mirror";
import { packageFiles } from "../../../../provider/cli/install/package";
import { version } from "../../../../provider/version.gen";

const here = process.cwd();
const LINUX = { os: "linux", arch: "amd64" };
const [TERRAFORM, TOFU] = ["registry.terraform.io", "registry.opentofu.org"];
let dir: string;
let out: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "daytona-mirror-")));
  out = "";
  mkdirSync(join(dir, "package/dist/provider"), { recursive: true });
  writeFileSync(join(dir, "package/dist/provider/terraform-provider-daytona"), "#!/usr/bin/env node\n");
  writeFileSync(join(dir, "provider"), "ELF");
});
afterEach(() => {
  process.chdir(here);
  rmSync(dir, { recursive: true });
});

const run = (...argv: string[]): Promise<number> =>
  install(
    argv,
    { out: (text) => void (out += text), err: (text) => void (out += text), env: { HOME: dir } },
    join(dir, "package"),
  );
const place = () =>
  placeProvider(join(dir, "mirror"), packageFiles(join(dir, "provider"), "1.2.3", LINUX, false), "1.2.3", LINUX).map(
    ({ outcome }) => outcome,
  );
const placed = (host = TERRAFORM!) => join(dir, "mirror", host, "daytona-iac/daytona/1.2.3/linux_amd64");
const file = (host?: string) => join(placed(host), "terraform-provider-daytona_v1.2.3");

test("a folder that is given counts from the working folder, and is written in full: the tools run elsewhere", async () => {
  process.chdir(dir);
  expect(await run("--dir", "mirror")).toBe(0);
  expect(existsSync(join(dir, "mirror", TOFU!, "daytona-iac/daytona", version))).toBe(true);
  expect(out).toContain(`  installed  ${join(dir, "mirror", TERRAFORM!)}/`);
  expect(out).toContain(installationBlock(join(dir, "mirror")));
});

test("--print-mirror explains also where a configuration says where providers come from", async () => {
  writeFileSync(join(dir, ".terraformrc"), "provider_installation {\n}\n");
  expect(await run("--print-mirror")).toBe(0);
  expect(out).toContain(
    "Terraform and OpenTofu search this folder by default, unless their CLI configuration has a provider_installation block.",
  );
  expect(out).toContain(installationBlock(join(dir, ".terraform.d/plugins")));
  expect(out).not.toContain("configures where providers come from");
});

test("what one tool lacks is a link to what the other has", () => {
  place();
  rmSync(placed(TOFU), { recursive: true });
  expect(place()).toEqual(["unchanged", "installed"]);
  expect(statSync(file(TOFU)).ino).toBe(statSync(file()).ino);
});

const SHARED = "/dev/shm";
const another = existsSync(SHARED) && statSync(SHARED).dev !== statSync(tmpdir()).dev;

(another ? test : test.skip)(
  `what one tool lacks is copied where a link cannot reach it${another ? "" : " (needs a second file system)"}`,
  () => {
    place();
    const elsewhere = mkdtempSync(join(SHARED, "daytona-mirror-"));
    try {
      const folder = join(elsewhere, "daytona-iac/daytona/1.2.3/linux_amd64");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "terraform-provider-daytona_v1.2.3"), readFileSync(file()), { mode: 0o755 });
      writeFileSync(join(folder, "LICENSE"), readFileSync(join(placed(), "LICENSE")));
      rmSync(join(dir, "mirror"), { recursive: true });
      mkdirSync(join(dir, "mirror"));
      symlinkSync(elsewhere, join(dir, "mirror", TERRAFORM!));
      expect(place()).toEqual(["unchanged", "installed"]);
      expect(readFileSync(file(TOFU), "utf8")).toBe("ELF");
      expect(readdirSync(join(dir, "mirror")).sort()).toEqual([TOFU, TERRAFORM]);
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  },
);

test("a file that cannot be read is no configuration, and the next one is asked", async () => {
  mkdirSync(join(dir, ".terraformrc"));
  writeFileSync(join(dir, ".tofurc"), "provider_installation {\n}\n");
  expect(await run()).toBe(0);
  expect(out).toContain(
    `\n${join(dir, ".tofurc")} configures where providers come from. Add this folder to it (see --print-mirror):\n\n${installationBlock(join(dir, ".terraform.d/plugins"))}`,
  );
});
