import { createHash } from "node:crypto";
import { runInNewContext } from "node:vm";
import { DynamicProvider } from "../../../../provider/pulumi/dynamic/provider";
import { SHIM } from "../../../../provider/pulumi/dynamic/shim";

type Handler = Record<string, (...args: unknown[]) => Promise<unknown>>;
const calls = ["configure", "check", "diff", "create", "read", "update", "delete"];

/** As Pulumi's host reads it from a state: a module with nothing around it but `require`. */
function load(require: (name: string) => unknown): Handler {
  const exports: { handler?: () => Handler } = {};
  runInNewContext(SHIM, { exports, require });
  return (exports.handler as () => Handler)();
}

describe("the shim that every state holds", () => {
  test("is under 1 KB, and the one that states of earlier releases hold", () => {
    expect(Buffer.byteLength(SHIM)).toBeLessThan(1024);
    expect(createHash("sha256").update(SHIM).digest("hex")).toMatchInlineSnapshot(`"db1018f7dbf4ceff095fc2dc37c625c8a6a203322f9319b4b7746fe4709ac32e"`);
  });

  test("forwards every call, with its arguments, to what is installed then; nothing is loaded before", async () => {
    const seen: unknown[] = [];
    const impl = Object.fromEntries(calls.map((name) => [name, (...args: unknown[]) => [name, ...args]]));
    const handler = load((name) => {
      seen.push(name);
      return { impl };
    });
    expect(Object.keys(handler)).toEqual(calls);
    expect(seen).toEqual([]);
    for (const name of calls) {
      const args = [1, 2, 3].slice(0, name === "configure" || name === "create" ? 1 : name === "diff" || name === "update" ? 3 : 2);
      expect(await handler[name]?.(...args)).toEqual([name, ...args]);
    }
    expect(new Set(seen)).toEqual(new Set(["daytona-iac/pulumi/dynamic"]));
  });

  test("a package that is not installed is a failure of the call, not of the process", async () => {
    const handler = load(() => {
      throw new Error("Cannot find module 'daytona-iac/pulumi/dynamic'");
    });
    await expect(handler["delete"]?.("x", {})).rejects.toThrow("Cannot find module");
  });

  test("the implementation answers to all of its names", () => {
    for (const name of calls) expect(typeof (DynamicProvider.prototype as unknown as Record<string, unknown>)[name]).toBe("function");
  });
});
