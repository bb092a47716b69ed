import { createHash } from "node:crypto";
import { runInNewContext } from "node:vm";
import { DynamicInPlace } from "../../../../provider/pulumi/dynamic/in-place";
import { DynamicProvider } from "../../../../provider/pulumi/dynamic/provider";
import { SHIM, shimOf } from "../../../../provider/pulumi/dynamic/shim";

type Handler = Record<string, (...args: unknown[]) => Promise<unknown>>;
const calls = ["configure", "check", "diff", "create", "read", "update", "delete"];

/** As Pulumi's host reads it from a state: a module with nothing around it but `require`. */
function load(require: (name: string) => unknown, shim = SHIM): Handler {
  const exports: { handler?: () => Handler } = {};
  runInNewContext(shim, { exports, require });
  return (exports.handler as () => Handler)();
}

describe("the shim that every state holds", () => {
  test("is under 1 KB, and the one that states of earlier releases hold", () => {
    expect(Buffer.byteLength(SHIM)).toBeLessThan(1024);
    expect(createHash("sha256").update(SHIM).digest("hex")).toMatchInlineSnapshot(
      `"0cb64e1d0ceac884d5afd771ac1a612a9b78bad7b39cc0d94793415cadc00669"`,
    );
  });

  test("forwards every call, with its arguments, to what is installed then; nothing is loaded before", async () => {
    const seen: unknown[] = [];
    const impl = Object.fromEntries(calls.map((name) => [name, (...args: unknown[]) => [name, ...args]]));
    const handler = load((name) => {
      seen.push(name);
      return { resource: (type: string) => (expect(type).toBe("Snapshot"), impl) };
    });
    expect(Object.keys(handler)).toEqual(calls);
    expect(seen).toEqual([]);
    for (const name of calls) {
      const args = [1, 2, 3].slice(
        0,
        name === "configure" || name === "create" ? 1 : name === "diff" || name === "update" ? 3 : 2,
      );
      expect(await handler[name]?.(...args)).toEqual([name, ...args]);
    }
    expect(new Set(seen)).toEqual(new Set(["daytona-iac/pulumi/dynamic"]));
  });

  test("each class has its own, and the one of states that name no class is that of snapshots", async () => {
    const asked: string[] = [];
    const answering = (type: string) => ({ create: () => `created by ${type}` });
    const dynamic = { impl: answering("impl"), resource: (type: string) => (asked.push(type), answering(type)) };
    expect(await load(() => dynamic, shimOf("Registry"))["create"]?.({})).toBe("created by Registry");
    expect(await load(() => dynamic, SHIM.replace('resource("Snapshot")', "impl"))["create"]?.({})).toBe(
      "created by impl",
    );
    expect(asked).toEqual(["Registry"]);
    const { impl, resource } = jest.requireActual<typeof import("../../../../provider/pulumi/dynamic")>(
      "../../../../provider/pulumi/dynamic",
    );
    expect(resource("Snapshot")).toBe(impl);
    expect(resource("Registry")).not.toBe(impl);
    expect(() => resource("Volume")).toThrow(
      /^This release of daytona-iac \([0-9.]+\) has no resource "Volume"\. Update the daytona-iac package of the program\.$/,
    );
  });

  test("a package that is not installed is a failure of the call, not of the process", async () => {
    const handler = load(() => {
      throw new Error("Cannot find module 'daytona-iac/pulumi/dynamic'");
    });
    await expect(handler["delete"]?.("x", {})).rejects.toThrow("Cannot find module");
  });

  test("the implementation answers to all of its names", () => {
    for (const { prototype } of [DynamicProvider, DynamicInPlace])
      for (const name of calls) expect(typeof (prototype as unknown as Record<string, unknown>)[name]).toBe("function");
  });
});
