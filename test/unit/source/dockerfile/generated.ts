import fc from "fast-check";
import type { Question } from "./oracle";

/** Dockerfiles by a grammar that leans to what is easy to get wrong: quotes, escapes, modifiers, stages, continued lines. */
const name = fc.constantFrom("A", "B", "C", "D", "TARGETARCH");
const plain = fc.constantFrom(
  "a",
  "src",
  "x/y",
  "*.txt",
  "b.js",
  "..",
  ".",
  "/q/",
  "é",
  "p\\ q",
  "s\\*",
  "[ab]",
  "$",
  "\\$A",
  "#h",
  "<<",
  "=",
  ",",
);
const modified = fc.oneof(
  name.map((n) => `$${n}`),
  name.map((n) => `\${${n}}`),
  fc
    .tuple(
      name,
      fc.constantFrom("-", ":-", "+", ":+", "#", "##", "%", "%%", "?", ":?", "/", "//", "^", ":#"),
      fc.constantFrom("", "a", "*", "a*", "?", "x/y", "s\\*", "$B", "'q'", '"r"', "\\}", "\\/z"),
    )
    .map(([n, sign, word]) => `\${${n}${sign}${word}${sign.startsWith("/") ? "/n" : ""}}`),
);
const piece = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 3, arbitrary: modified },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('"', "'"), fc.oneof(plain, modified), fc.boolean())
      .map(([q, t, closed]) => q + t + (closed ? q : "")),
  },
);
const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b/c", "*.md", "src/") },
  { weight: 3, arbitrary: fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")) },
);
const stage = fc.constantFrom("one", "two", "Three", "scratch", "nginx", "0", "1");
const value = fc.oneof(word, fc.constantFrom('"x y"', "'$A'", "a\\ b", '""', "''", "z"));
const flag = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "--chown=1:1",
      "--link",
      "--chown=$A",
      "--chmod=755",
      "--exclude=*.md",
      "--exclude='a b'",
      "--exclude=é",
      "--parents",
      "--link=false",
    ),
  },
  { weight: 2, arbitrary: stage.map((s) => `--from=${s}`) },
  { weight: 1, arbitrary: fc.constantFrom("--", "--nope", "--link=x", "--chown", '--"link"', "--exclude=a\\ b") },
);
const flags = fc.array(flag, { maxLength: 2 });
const gap = fc.constantFrom(" ", " ", " ", "\t", "  ", " \\\n  ", " \\\n# c\n\n ", "\\\n ");
const copy = fc
  .tuple(
    fc.constantFrom("COPY", "ADD", "copy"),
    flags,
    fc.array(word, { minLength: 1, maxLength: 3 }),
    gap,
    fc.boolean(),
  )
  .map(([keyword, given, words, between, json]) => {
    const said = [...words, "/d/"];
    return [keyword, ...given, json ? JSON.stringify(said) : said.join(between)].join(json ? " " : between);
  });
const field = fc.oneof(
  word.map((w) => `source=${w}`),
  stage.map((s) => `from=${s}`),
  fc.constantFrom(
    "type=bind",
    "type=cache",
    "type=$A",
    "type=tmpfs",
    "rw",
    "ro=true",
    "src=a/../b",
    '\\"src=x,y\\"',
    "id=1",
    "readonly=$A",
  ),
);
const mount = fc.array(field, { maxLength: 2 }).map((fields) => `--mount=${["target=/t", ...fields].join(",")}`);
const run = fc
  .tuple(
    fc.array(mount, { maxLength: 2 }),
    fc.constantFrom("true", "<<E\nCOPY a /b\nE", "cat <<-'E' 3<<F\n\tx\n\tE\nCOPY q /b\nF", "echo $((1<<2))"),
  )
  .map(([mounts, command]) => ["RUN", ...mounts, command].join(" "));
const arg = fc
  .tuple(fc.array(fc.tuple(name, fc.option(value)), { minLength: 1, maxLength: 3 }), gap)
  .map(([all, between]) => ["ARG", ...all.map(([n, v]) => (v === null ? n : `${n}=${v}`))].join(between));
const env = fc.oneof(
  fc
    .array(fc.tuple(name, value), { minLength: 1, maxLength: 3 })
    .map((all) => `ENV ${all.map(([n, v]) => `${n}=${v}`).join(" ")}`),
  fc.tuple(name, value).map(([n, v]) => `ENV ${n} ${v}`),
);
const heredoc = fc.constantFrom(
  "COPY <<EOF a /x/\n$A ${B}\nEOF",
  'ADD <<-"E F" /x\n\tCOPY no /x\n\tE F',
  "COPY <<A <<B c /x/\nA\nCOPY no /y\nB",
);
const step = fc.oneof(
  { weight: 6, arbitrary: copy },
  { weight: 2, arbitrary: run },
  { weight: 4, arbitrary: arg },
  { weight: 3, arbitrary: env },
  { weight: 1, arbitrary: heredoc },
  { weight: 1, arbitrary: fc.constantFrom("# COPY x /y", "", "WORKDIR $A", "USER 1") },
);
const line = fc.oneof(
  { weight: 9, arbitrary: step },
  { weight: 1, arbitrary: fc.oneof(copy, arg, run).map((inner) => `ONBUILD ${inner}`) },
);
const from = fc
  .tuple(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom("scratch", "scratch", "alpine", "one", "two", "three") },
      { weight: 1, arbitrary: fc.constantFrom("$A", "${B:-scratch}", "Alpine") },
    ),
    fc.option(fc.constantFrom("one", "two", "Three")),
  )
  .map(([image, as]) => `FROM ${image}${as === null ? "" : ` AS ${as}`}`);
const block = fc.tuple(from, fc.array(line, { maxLength: 5 })).map(([head, body]) => [head, ...body].join("\n"));

export const question: fc.Arbitrary<Question> = fc
  .record({
    directive: fc.constantFrom("", "", "", "# escape=`\n", "# escape=\\\n", "# syntax=docker/dockerfile:1\n"),
    globals: fc.array(arg, { maxLength: 2 }),
    blocks: fc.array(block, { minLength: 1, maxLength: 4 }),
    end: fc.constantFrom("\n", ""),
    buildArgs: fc.oneof(
      fc.constant(undefined),
      fc.dictionary(name, fc.constantFrom("", "v", "it's", "a b", '"', "\\", "$C", "`", "*.q", "ü", "<<E")),
    ),
    target: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom("one", "TWO", "three") },
    ),
  })
  .map(({ directive, globals, blocks, end, buildArgs, target }) => {
    const text = [...globals, ...blocks].join("\n");
    // Continued lines end with the escape character of the file.
    return {
      dockerfile: directive + (directive.includes("`") ? text.replaceAll("\\\n", "`\n") : text) + end,
      buildArgs,
      target,
    };
  });
