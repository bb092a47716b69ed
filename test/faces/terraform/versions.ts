import { execFileSync } from "node:child_process";
import { terraformBinary } from "../support/terraform";

/** The tool at hand: its name and `[major, minor]`; null: there is none. */
export function toolVersion(): { tofu: boolean; version: [number, number] } | null {
  const binary = terraformBinary();
  if (binary === null) return null;
  const said = execFileSync(binary, ["version"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: "" },
  });
  const [, name, major, minor] = /^(Terraform|OpenTofu) v(\d+)\.(\d+)/m.exec(said) ?? [];
  if (name === undefined) throw new Error(`which version is this?\n${said}`);
  return { tofu: name === "OpenTofu", version: [Number(major), Number(minor)] };
}

/** `test` where the tool has a feature, else `test.skip`. @param since minor versions of 1.x; tofu null: it does not have it */
export function testSince(since: { terraform: number; tofu: number | null }): jest.It {
  const tool = toolVersion();
  const least = tool?.tofu === true ? since.tofu : since.terraform;
  return tool !== null && least !== null && (tool.version[0] > 1 || tool.version[1] >= least) ? test : test.skip;
}

/** Where the tool lacks a feature. */
export function testBefore(since: { terraform: number; tofu: number | null }): jest.It {
  return testSince(since) === test ? test.skip : test;
}
