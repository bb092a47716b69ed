import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readNamedFile, UnsafeFile } from "../../../../provider/kit/text/named-file";

let folder: string;
const at = (path: string): string => join(folder, path);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "named-file-"));
  mkdirSync(at("in/sub"), { recursive: true });
  mkdirSync(at("out"));
  writeFileSync(at("in/file"), "0123456789");
  writeFileSync(at("in/sub/file"), "sub");
  writeFileSync(at("out/secret"), "secret");
});
afterEach(() => rmSync(folder, { recursive: true }));

function refusal(path: string, most = 100, inside?: string[]): string {
  try {
    return `read: ${readNamedFile(at(path), most, inside?.map(at)).toString()}`;
  } catch (error) {
    if (!(error instanceof UnsafeFile)) throw error;
    return error.message.replaceAll(folder, "CWD");
  }
}

test("a file is read up to its limit", () => {
  expect(refusal("in/file", 10)).toBe("read: 0123456789");
  expect(refusal("in/file", 9)).toBe("is larger than 9 bytes, the limit");
  writeFileSync(at("in/large"), Buffer.alloc(2 ** 20, "a"));
  expect(refusal("in/large", 2 ** 20)).toBe(`read: ${"a".repeat(2 ** 20)}`);
  expect(refusal("in/large", 2 ** 20 - 1)).toBe("is larger than 1048575 bytes, the limit");
  writeFileSync(at("in/large"), Buffer.alloc(2 ** 20 + 1, "a"));
  expect(refusal("in/large", 2 ** 20)).toBe("is larger than 1 MiB, the limit");
  writeFileSync(at("in/empty"), "");
  expect(refusal("in/empty", 0)).toBe("read: ");
});

test("links lead within the folders that are given", () => {
  symlinkSync("sub/file", at("in/below"));
  symlinkSync("../out/secret", at("in/beside"));
  symlinkSync(at("out/secret"), at("in/absolute"));
  symlinkSync("absolute", at("in/twice"));
  symlinkSync("../out", at("in/folder"));
  expect(refusal("in/file", 100, ["in"])).toBe("read: 0123456789");
  expect(refusal("in/below", 100, ["in"])).toBe("read: sub");
  expect(refusal("in/beside", 100, ["in"])).toBe(
    'is a link to "../out/secret", which is outside of the allowed folders',
  );
  expect(refusal("in/absolute", 100, ["in"])).toBe(
    'is a link to "CWD/out/secret", which is outside of the allowed folders',
  );
  expect(refusal("in/twice", 100, ["in"])).toBe('is a link to "absolute", which is outside of the allowed folders');
  expect(refusal("in/folder/secret", 100, ["in"])).toBe(
    'is a link to "CWD/out/secret", which is outside of the allowed folders',
  );
  expect(refusal("in/beside", 100, ["in", "out"])).toBe("read: secret");
  expect(refusal("in/beside", 100, ["in", "none"])).toBe(
    'is a link to "../out/secret", which is outside of the allowed folders',
  );
  expect(refusal("in/beside")).toBe("read: secret");
  symlinkSync("..", at("in/up"));
  expect(refusal("in/up", 100, ["in"])).toBe('is a link to "..", which is outside of the allowed folders');
  writeFileSync(at("in/..dots"), "dots");
  expect(refusal("in/..dots", 100, ["in"])).toBe("read: dots");
  // Not a folder whose name only begins alike.
  mkdirSync(at("in2"));
  writeFileSync(at("in2/file"), "");
  symlinkSync("../in2/file", at("in/alike"));
  expect(refusal("in/alike", 100, ["in"])).toBe('is a link to "../in2/file", which is outside of the allowed folders');
});

test("a folder that is itself behind a link is where it is", () => {
  symlinkSync("in", at("link"));
  expect(refusal("link/file", 100, ["link"])).toBe("read: 0123456789");
});

test("what is no file is not opened", async () => {
  execFileSync("mkfifo", [at("in/pipe")]);
  symlinkSync("pipe", at("in/to-pipe"));
  symlinkSync("/dev/zero", at("in/zero"));
  const server = createServer().listen(at("in/socket"));
  await new Promise((done) => server.once("listening", done));
  expect(refusal("in/pipe")).toBe("is a named pipe, not a regular file");
  expect(refusal("in/to-pipe", 100, ["in"])).toBe("is a named pipe, not a regular file");
  expect(refusal("in/zero")).toBe("is a device, not a regular file");
  expect(refusal("in/zero", 100, ["in"])).toBe('is a link to "/dev/zero", which is outside of the allowed folders');
  expect(refusal("in/socket")).toBe("is a socket, not a regular file");
  await new Promise((done) => server.close(done));
  expect(() => refusal("in/sub")).toThrow(expect.objectContaining({ code: "EISDIR", message: "it is a folder" }));
  expect(() => refusal("in/none")).toThrow(expect.objectContaining({ code: "ENOENT" }));
});

test("a file that says that it is empty has its limit too", () => {
  expect(() => readNamedFile("/proc/self/status", 10)).toThrow(UnsafeFile);
  expect(readNamedFile("/proc/self/status", 2 ** 20).toString()).toContain("Pid:");
});
