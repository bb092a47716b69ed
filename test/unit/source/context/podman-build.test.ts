import { spawnSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DigestCache } from "../../../../provider/source/hash/digest-cache";
import { prepareBuild } from "../../../../provider/source/prepare";
import { type Podman, startPodman, withEngine } from "../../lifecycle/publish/image/real";

/** Content; `x:` before it makes the file executable, `0600:` gives it this mode; `->` a link. */
type Files = Record<string, string>;
interface Case {
  files: Files;
  /** After FROM scratch. */
  lines: string[];
  ignore?: string;
  /** Path of the Dockerfile; default: at the root. */
  dockerfile?: string;
}

const SOME: Files = {
  "src/main.py": "main",
  "src/lib/util.py": "util",
  "src/lib/.hidden": "hidden",
  "bin/run": "x:run",
  "README.md": "readme",
  "data.bin": "\u0000\u0001",
};

const cases: Record<string, Case> = {
  "a folder's content": { files: SOME, lines: ["COPY src /app/"] },
  "a folder's content, with a slash": { files: SOME, lines: ["COPY src/ /app"] },
  "a file, with another name": { files: SOME, lines: ["COPY README.md /docs/r.md"] },
  "a file into a folder": { files: SOME, lines: ["COPY README.md /docs/"] },
  "several sources": { files: SOME, lines: ["COPY src bin README.md /app/"] },
  everything: { files: SOME, lines: ["COPY . /app"] },
  "everything, by a slash": { files: SOME, lines: ["COPY / /app"] },
  "JSON form, with blanks": {
    files: { "a b/c d.txt": "1", "e.txt": "2" },
    lines: ['COPY ["a b/c d.txt", "e.txt", "/x y/"]'],
  },
  "a continued line in lower case": {
    files: SOME,
    lines: ["copy src/main.py \\", "  # a comment", "  README.md \\", "  /app/"],
  },
  "a star": { files: { "a.txt": "1", "b.txt": "2", "c.md": "3", ".d.txt": "4" }, lines: ["COPY *.txt /app/"] },
  "a star for folders": { files: { "p1/a": "1", "p1/sub/b": "2", "p2/a2": "3", "q/c": "4" }, lines: ["COPY p* /app/"] },
  "a star in a folder": { files: { "x/1.py": "1", "y/2.py": "2", "y/3.txt": "3" }, lines: ["COPY */*.py /app/"] },
  "a question mark and a class": { files: { a1: "1", a2: "2", b1: "3", ab1: "4" }, lines: ["COPY [ab]? /app/"] },
  "ignored files": {
    files: { ...SOME, "src/x.log": "log", "src/lib/y.log": "log" },
    lines: ["COPY src /app"],
    ignore: "**/*.log\n",
  },
  "ignored, but for an exception": {
    files: { "d/a": "1", "d/b": "2", "d/keep/c": "3" },
    lines: ["COPY d /app"],
    ignore: "d\n!d/keep\n",
  },
  "an ignored folder": {
    files: { ...SOME, "node_modules/x/index.js": "x" },
    lines: ["COPY . /app"],
    ignore: "node_modules\nREADME.md\n# comment\n\n",
  },
  "an ignored star at the root only": {
    files: { "a.tmp": "1", "d/b.tmp": "2" },
    lines: ["COPY . /app"],
    ignore: "*.tmp\n",
  },
  "all ignored, but for some": { files: SOME, lines: ["COPY . /app"], ignore: "*\n!src\nsrc/lib\n" },
  "executable bits": { files: { a: "x:1", b: "2", "d/c": "x:3" }, lines: ["COPY a b d /app/"] },
  "modes of their own": {
    files: {
      "d/key": "0600:key",
      "d/sudoers": "0440:sudoers",
      "d/frozen": "0555:frozen",
      "d/setuid": "04755:setuid",
      "d/setgid": "02755:setgid",
      one: "0400:one",
    },
    lines: ["COPY d /d", "COPY one /etc/one", "COPY --chmod=0640 d/key /etc/key"],
  },
  "--chmod": { files: { a: "1", "d/b": "x:2" }, lines: ["COPY --chmod=755 a /app/", "COPY --chmod=0600 d /secret/"] },
  "links to files and folders": {
    files: { "real/a": "x:1", link: "->real/a", folder: "->real", "d/up": "->../real/a" },
    lines: ["COPY link /link", "COPY folder /folder", "COPY d /d"],
  },
  "a link in a folder that is copied whole": {
    files: { "d/real": "1", "d/link": "->real", "d/deep/link": "->../real" },
    lines: ["COPY d /app"],
  },
  "Unicode names": {
    files: { é: "composed", "e\u0301": "decomposed", "日本/語": "1", "🐍.py": "2" },
    lines: ["COPY . /app"],
    ignore: "Dockerfile\n.dockerignore\n",
  },
  "hidden files": { files: { ".a": "1", ".b/c": "2", "d/.e": "3" }, lines: ["COPY .a .b d /app/"] },
  variables: {
    files: SOME,
    lines: [
      "ARG DIR=src",
      "ENV FILE=$DIR/main.py",
      "COPY ${DIR}/lib /lib",
      "COPY $FILE /app/",
      "COPY ${NONE:-bin} /bin2",
    ],
  },
  "a stage that is used": {
    files: SOME,
    lines: ["COPY src /one", "FROM scratch AS two", "COPY --from=0 /one/lib /two", "COPY bin /bin"],
  },
  ADD: { files: SOME, lines: ["ADD src README.md /app/"] },
  "the same file twice": { files: SOME, lines: ["COPY src /a", "COPY src/main.py /b/"] },
  "paths that go up and down": { files: SOME, lines: ["COPY src/../bin/./run /app/", "COPY ./src/lib /lib"] },
  "a Dockerfile in a folder": {
    files: { "docker/Dockerfile": "", "docker/extra": "1" },
    lines: ["COPY extra /app/"],
    dockerfile: "docker/Dockerfile",
  },
  "an ignore file of the Dockerfile's own": {
    files: { a: "1", b: "2", "Dockerfile.dockerignore": "a\n" },
    lines: ["COPY . /app"],
    ignore: "b\n",
  },
};

withEngine("what is sent builds the same image as the folder itself", () => {
  let podman: Podman;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "podman-build-"));
    podman = await startPodman();
  });
  afterAll(async () => {
    await podman.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function write(root: string, { files, lines, ignore, dockerfile = "Dockerfile" }: Case): void {
    for (const [path, text] of Object.entries(files)) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      if (text.startsWith("->")) symlinkSync(text.slice(2), file);
      else {
        const [, mode, content] = /^(?:(x|0\d+):)?(.*)$/s.exec(text)!;
        writeFileSync(file, content!);
        chmodSync(file, mode === undefined ? 0o644 : mode === "x" ? 0o755 : parseInt(mode, 8));
      }
    }
    writeFileSync(join(root, dockerfile), `FROM scratch\n${lines.join("\n")}\n`);
    if (ignore !== undefined) writeFileSync(join(root, dirname(dockerfile), ".dockerignore"), ignore);
  }

  /** Every file in an image: its path, mode and content. */
  function built(context: string, dockerfile: string, name: string): string[] {
    podman.podman("build", "--isolation=chroot", "-q", "-f", dockerfile, "-t", name, context);
    const root = podman.podman("image", "mount", name).trim();
    const files: string[] = [];
    const walk = (path: string): void => {
      for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
        const inside = `${path}/${entry.name}`;
        if (entry.isDirectory()) walk(inside);
        else
          files.push(
            `${inside} ${(lstatSync(join(root, inside)).mode & 0o7777).toString(8)} ${entry.isSymbolicLink() ? "link" : readFileSync(join(root, inside)).toString("hex")}`,
          );
      }
    };
    walk("");
    podman.podman("image", "unmount", name);
    // The builder has the Dockerfile's text instead of the file, and a root's ignore file would be applied once more: neither is sent.
    return files.filter((file) => !/^\/app\/(Dockerfile|(Dockerfile)?\.dockerignore) /.test(file)).sort();
  }

  /** As the runner puts the context together: the Dockerfile, then every entry of every archive; no folders, no links. */
  async function sent(root: string, dockerfile: string, to: string): Promise<void> {
    const inputs = {
      localImage: null,
      dockerfile,
      dockerfileContent: null,
      contextDir: null,
      context: null,
      buildArgs: null,
      target: null,
    };
    const engine = { env: {}, home: root, platform: "linux" as const };
    const build = await prepareBuild(inputs, {
      cwd: root,
      cache: new DigestCache({ now: () => Date.now() }),
      now: () => Date.now(),
      spell: (name) => name,
      engine,
    });
    mkdirSync(to);
    writeFileSync(join(to, "Dockerfile"), build!.source.text);
    for (const archive of build!.archives) {
      const parts: Buffer[] = [];
      for await (const part of archive.open(new AbortController().signal)) parts.push(part as Buffer);
      const { status, stderr } = spawnSync("tar", ["-x", "-p", "-C", to], {
        input: Buffer.concat(parts),
        encoding: "utf8",
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    }
    const look = (path: string): void => {
      for (const entry of readdirSync(join(to, path), { withFileTypes: true })) {
        if (entry.isDirectory()) look(join(path, entry.name));
        else expect([path, entry.name, entry.isFile()]).toEqual([path, entry.name, true]);
      }
    };
    look(".");
  }

  test.each(Object.entries(cases))(
    "%s",
    async (name, it) => {
      const { dockerfile = "Dockerfile" } = it;
      const id = `case-${Object.keys(cases).indexOf(name)}`;
      const [original, plain, assembled] = ["original", "plain", "assembled"].map((part) =>
        join(folder, `${id}-${part}`),
      ) as [string, string, string];
      mkdirSync(original);
      write(original, it);
      // A link counts as what it points to.
      expect(spawnSync("cp", ["-RLp", original, plain], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
      await sent(original, dockerfile, assembled);
      const expected = built(join(plain, dirname(dockerfile)), join(plain, dockerfile), `${id}-plain`);
      expect(expected.length).toBeGreaterThan(0);
      expect(built(assembled, join(assembled, "Dockerfile"), `${id}-sent`)).toEqual(expected);
    },
    60_000,
  );
});
