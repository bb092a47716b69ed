import { rmSync } from "node:fs";
import fc from "fast-check";
import { fileMatch, hasWildcards } from "../../../../provider/source/ignore/file-match";
import { readIgnoreFile } from "../../../../provider/source/ignore/ignore-file";
import { PatternMatcher } from "../../../../provider/source/ignore/pattern-matcher";
import { walked } from "../ignore/ours";
import { copy, onDisk, paths } from "./tree-on-disk";

const name = fc.constantFrom("a", "b", "c", "ab", "a.x", ".h", "é");
const files = fc
  .uniqueArray(
    fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
    { minLength: 1, maxLength: 14 },
  )
  // No file lies in another one.
  .map((all) => all.filter((path) => !all.some((other) => other.startsWith(`${path}/`))));
const piece = fc.constantFrom("a", "b", "c", "ab", "*", "**", "?", "a*", "*.x", "[a-b]", ".h", "é");
const pattern = fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const rules = fc
  .array(
    fc.tuple(fc.boolean(), pattern).map(([exception, text]) => (exception ? `!${text}` : text)),
    { maxLength: 5 },
  )
  .map((lines) => lines.join("\n"));

test("a walk that passes folders over finds what asking for each file finds", async () => {
  await fc.assert(
    fc.asyncProperty(files, rules, async (all, ignore) => {
      const root = onDisk(Object.fromEntries([...all.map((path) => [path, path]), [".dockerignore", ignore]]));
      const rulesOf = new PatternMatcher(readIgnoreFile(ignore, "f"), "f");
      const isIgnored = (path: string): boolean => walked(rulesOf.buildRoot(), path);
      expect(new Set(await paths(root, [copy(".")]))).toEqual(new Set(all.filter((path) => !isIgnored(path))));
      rmSync(root, { recursive: true });
    }),
    { numRuns: 120 },
  );
});

test("a wildcard finds what asking for each path finds", async () => {
  await fc.assert(
    fc.asyncProperty(files, rules, pattern.filter(hasWildcards), async (all, ignore, wildcard) => {
      const root = onDisk(Object.fromEntries([...all.map((path) => [path, path]), [".dockerignore", ignore]]));
      const rulesOf = new PatternMatcher(readIgnoreFile(ignore, "f"), "f");
      const isIgnored = (path: string): boolean => walked(rulesOf.buildRoot(), path);
      // A file comes with the shallowest of its folders, or itself, that matches.
      const literal = wildcard.split("/").slice(0, wildcard.split("/").findIndex(hasWildcards)).join("/");
      const taken = all.filter(
        (path) =>
          !isIgnored(path) &&
          path.split("/").some((_part, depth, parts) => fileMatch(wildcard, parts.slice(0, depth + 1).join("/"))),
      );
      const found = paths(root, [{ ...copy(wildcard), required: false }]);
      // BuildKit accepts a wildcard without a match, but not one in a folder that is not there, as one is of which nothing is sent.
      if (literal === "" || taken.length > 0) expect(new Set(await found)).toEqual(new Set(taken));
      else await expect(found).rejects.toThrow(/^Dockerfile, line 2, COPY: /);
      rmSync(root, { recursive: true });
    }),
    { numRuns: 120 },
  );
});

test("sources in any order and any division select the same files", async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), async (all, picks) => {
      const root = onDisk(Object.fromEntries(all.map((path) => [path, path])));
      const chosen = picks.map((pick) =>
        all[pick % all.length]!.split("/")
          .slice(0, 1 + (pick % 3))
          .join("/"),
      );
      expect(await paths(root, [copy(...chosen)])).toEqual(
        await paths(
          root,
          [...chosen].reverse().map((path) => copy(path)),
        ),
      );
      rmSync(root, { recursive: true });
    }),
    { numRuns: 60 },
  );
});
