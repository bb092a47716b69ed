import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, resolve } from "node:path";

/** A program on PATH that stands for a tool: what a shell script says. @returns its path */
export function script(name: string, body: string): string {
  mkdirSync("bin", { recursive: true });
  const file = resolve("bin", name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** PATH with such programs first. */
export const path = (): string => `${resolve("bin")}${delimiter}${process.env["PATH"]}`;

/** What the tools were called with, a line each. */
export const calls = (): string[] => (existsSync("calls") ? readFileSync("calls", "utf8").trim().split("\n") : []);

/**
 * A Terraform that prints `plan.json`, writes down how it was called, and ends each step with the exit code that a variable of its name has.
 * A plan without a refresh prints `plan-of-state.json`.
 */
export function terraform(name = "terraform"): string {
  return script(
    name,
    `
here="${process.cwd()}"
for it in "$@"; do case "$it" in -out=*) out="\${it#-out=}"; printf '%s ' "$(stat -c %a "$out")" >> "$here/modes";; esac; done
echo "$1 [$(echo "$*" | cut -d' ' -s -f2- | sed 's#=/.*/plan#=PLAN#; s# /.*/plan# PLAN#')] workspace=\${TF_WORKSPACE-none} args=\${TF_CLI_ARGS-none} data=\${TF_DATA_DIR:+own}" >> "$here/calls"
case "$1" in
  workspace) printf '  default\\n* prod\\n'; [ -z "$LIST" ] || { echo "$LIST" >&2; exit 1; };;
  init) [ -z "$INIT_ONLY_IN" ] || [ "$TF_WORKSPACE" = "$INIT_ONLY_IN" ] || { echo "no such workspace" >&2; exit 1; }; echo lock > .terraform.lock.hcl; [ -z "$INIT" ] || { echo "init failed" >&2; exit 1; };;
  plan) [ -z "$LOCK" ] || touch .x.lock.info; case "$*" in *-refresh=false*) touch "$here/of-state";; *) rm -f "$here/of-state";; esac; [ -z "$PLAN" ] || { printf '\\033[31m╷\\033[0m\\n│ Error: no\\n╵\\n' >&2; exit 1; };;
  show) if [ -e "$here/of-state" ]; then cat "$here/plan-of-state.json"; else cat "$here/plan.json"; fi; [ -z "$SHOW" ] || { echo "show failed"; exit 1; };;
esac`,
  );
}
