import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { listen } from "../../../../provider/terraform/serve/listen";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "listen-"))));
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

test("the socket is in a folder that only this user can open, and leaves nothing behind", async () => {
  const listening = await listen({ PLUGIN_UNIX_SOCKET_DIR: folder }, "linux");
  expect(dirname(dirname(listening.address))).toBe(folder);
  expect(statSync(dirname(listening.address)).mode & 0o777).toBe(0o700);
  listening.close();
  expect(readdirSync(folder)).toEqual([]);
});

test.each<[string, () => string]>([
  ["does not exist", () => join(folder, "gone")],
  ["is a file", () => (writeFileSync(join(folder, "file"), ""), join(folder, "file"))],
  ["has too long a path", () => join(folder, "x".repeat(90))],
])("a TMPDIR that %s is passed over", async (_what, at) => {
  const listening = await listen({ TMPDIR: at() }, "linux");
  expect(existsSync(listening.address)).toBe(true);
  expect(dirname(dirname(listening.address))).toBe(tmpdir());
  listening.close();
});

test("where nothing can be used, every folder is named, with what to do", async () => {
  jest.spyOn(net.Server.prototype, "listen").mockImplementation(function (this: net.Server) {
    setImmediate(() => this.emit("error", Object.assign(new Error("read-only"), { code: "EACCES" })));
    return this;
  });
  await expect(listen({ PLUGIN_UNIX_SOCKET_DIR: folder, TMPDIR: join(folder, "gone") }, "linux")).rejects.toThrow(
    `no folder for the provider's socket can be used. "${folder}": permission denied; "${folder}/gone": it does not exist; "/tmp": permission denied. Set TMPDIR to a writable folder.`,
  );
  expect(readdirSync(folder)).toEqual([]);
});

test.each(["linux", "win32"] as const)("a limit of the system is told as what it is (%s)", async (platform) => {
  const tried = jest.spyOn(net.Server.prototype, "listen").mockImplementation(function (this: net.Server) {
    setImmediate(() => this.emit("error", Object.assign(new Error("x"), { code: "EMFILE" })));
    return this;
  });
  await expect(listen({ PLUGIN_UNIX_SOCKET_DIR: folder }, platform)).rejects.toThrow(
    "too many files are open (EMFILE). Close other programs, or raise the limit, such as with `ulimit -n 4096`.",
  );
  expect(tried).toHaveBeenCalledTimes(1);
});
