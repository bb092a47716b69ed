// The bare Go plugin that ours is compared with: made with the official framework, nothing behind it.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./ground.mjs";

const FRAMEWORK = "v1.15.0";

/** Builds the Go plugin through the module proxy and keeps it, as the tests keep OpenTofu; null where there is no Go. */
export function goPlugin() {
  const kept = join(
    process.env["DAYTONA_IAC_TOOLS"] ?? join(homedir(), ".cache/daytona-iac/tools"),
    `bare-go-plugin-${FRAMEWORK}`,
  );
  if (existsSync(kept)) return kept;
  const dir = mkdtempSync(join(tmpdir(), "daytona-iac-go-"));
  try {
    const go = (...args) => execFileSync("go", args, { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
    copyFileSync(join(root, "bench/go-plugin/main.go"), join(dir, "main.go"));
    go("mod", "init", "bare");
    go("mod", "edit", "-require", `github.com/hashicorp/terraform-plugin-framework@${FRAMEWORK}`);
    go("get", ".");
    go("build", "-trimpath", "-ldflags", "-s -w", "-o", "bare", ".");
    mkdirSync(join(kept, ".."), { recursive: true });
    copyFileSync(join(dir, "bare"), `${kept}.new`);
    renameSync(`${kept}.new`, kept);
    return kept;
  } catch (error) {
    console.error(`no Go plugin to compare with: ${error.stderr?.toString().trim() || error.message}`);
    return null;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
