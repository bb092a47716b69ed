import { DockerfileError, readDockerfile } from "../../../../provider/source/dockerfile";

function reasonOf(dockerfile: string): string {
  try {
    readDockerfile(dockerfile);
  } catch (error) {
    if (error instanceof DockerfileError) return error.reason;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("an instruction that BuildKit refuses is refused with the same reason", () => {
  test.each([
    ["NOTHING a", "unknown instruction: NOTHING"],
    ["COPY a", "COPY requires at least two arguments"],
    ["USER", "USER requires exactly one argument"],
    ["MAINTAINER", "MAINTAINER requires exactly one argument"],
    ["EXPOSE", "EXPOSE requires at least one argument"],
    ["ADD a <<b\nb", "ADD cannot accept a heredoc as a destination"],
    ["COPY a <<b\nb", "COPY cannot accept a heredoc as a destination"],
    ["ARG =a", "ARG names can not be blank"],
    ["ENV a=b =c", "ENV names can not be blank"],
    ["LABEL a=b =c", "LABEL names can not be blank"],
    ["ENV a", "ENV must have two arguments"],
    ["SHELL /bin/sh", "SHELL requires the arguments to be in JSON form"],
    ["HEALTHCHECK NONE a", "HEALTHCHECK NONE takes no arguments"],
    ["HEALTHCHECK a b", "unknown type a in HEALTHCHECK (try CMD)"],
    ["HEALTHCHECK CMD", "missing command after HEALTHCHECK CMD"],
    ["HEALTHCHECK --retries CMD a", "missing a value on flag: --retries"],
    ["ONBUILD MAINTAINER a", "MAINTAINER isn't allowed as an ONBUILD trigger"],
    ["ONBUILD FROM a", "FROM isn't allowed as an ONBUILD trigger"],
    ["ONBUILD ONBUILD RUN a", "ONBUILD isn't allowed as an ONBUILD trigger"],
    ["RUN --mount=from=$a true", "'from' doesn't support variable expansion, define alias stage instead"],
    ["RUN <<a\nb", "unterminated heredoc: no line is a"],
    ["COPY <<a <<b /x\n1\na\n2", "unterminated heredoc: no line is b"],
    ["FROM a b", "FROM requires either one or three arguments"],
  ])("%s", (instruction, reason) => expect(reasonOf(`FROM scratch\n${instruction}\n`)).toBe(reason));
});

describe("flags", () => {
  test.each([
    ["--form=a", "unknown flag: --form"],
    ["--constructor=a", "unknown flag: --constructor"],
    ["--from=a --from=b", "duplicate flag specified: --from"],
    ["--chown", "missing a value on flag: --chown"],
    ["--link=", "missing a value on flag: --link"],
    ["--link=maybe", "expecting boolean value for flag --link, not: maybe"],
  ])("%s is refused", (flag, reason) => expect(reasonOf(`FROM scratch\nCOPY ${flag} a /\n`)).toBe(reason));

  test.each(["--link", "--link=TRUE", "--chown=", "--exclude=x --exclude=y"])("%s is none of these", (flag) =>
    expect(readDockerfile(`FROM scratch\nCOPY ${flag} a /\n`).sources.flatMap(({ paths }) => paths)).toEqual(["a"]),
  );

  test("nobody looks at those of HEALTHCHECK NONE, ARG and STOPSIGNAL", () =>
    expect(
      readDockerfile("FROM scratch\nHEALTHCHECK --nonsense NONE\nARG --nonsense a\nSTOPSIGNAL --nonsense 9\nCOPY a /\n")
        .sources,
    ).toHaveLength(1));
});

test.each([
  [`'a"b'`, `a"b`],
  [`"a'b"`, "a'b"],
  [`a'b c'd`, "ab cd"],
  ["a\\ b", "a b"],
])("a flag's value %s is %s", (written, read) =>
  expect(readDockerfile(`FROM scratch\nCOPY --exclude=${written} a /\n`).sources.map(({ exclude }) => exclude)).toEqual(
    [[read]],
  ),
);

describe("mounts", () => {
  test.each([
    ["required", "unexpected key 'required' for mount type 'bind'"],
    ["type=cache,required", "unexpected key 'required' for mount type 'cache'"],
    ["target", "invalid field 'target' must be a key=value pair"],
    ["type=other", 'unsupported mount type "other"'],
    ["ro=maybe", "invalid value for ro: maybe"],
    ["colour=red", "unexpected key 'colour' in 'colour=red'"],
  ])("%s is refused", (mount, reason) => expect(reasonOf(`FROM scratch\nRUN --mount=${mount} true\n`)).toBe(reason));

  // BuildKit v0.34.2 works the stage out, and takes nothing from it.
  test.each(["tmpfs", "secret", "ssh"])(
    "a stage that a %s mount names is checked, and its files are not read",
    (type) => {
      const file = (command: string): string =>
        `FROM scratch AS one\n${command}\nFROM scratch\nADD b /\nRUN --mount=target=/t,from=one,type=${type} true\n`;
      expect(reasonOf(file("COPY ${B:#s} /"))).toBe("unsupported modifier (:#) in substitution");
      // What an image sets is unknown, and nothing depends on it here.
      for (const command of ["COPY a /", "COPY $UNKNOWN /"])
        expect(
          readDockerfile(file(command).replace("scratch AS", "alpine AS")).sources.map(({ paths }) => paths),
        ).toEqual([["b"]]);
    },
  );

  test.each(["type=secret,required", "type=ssh,required", "type=tmpfs,target=/x,rw"])("%s shows nothing", (mount) =>
    expect(readDockerfile(`FROM scratch\nRUN --mount=${mount} true\n`).sources).toEqual([]),
  );
});

describe("modifiers of variables", () => {
  test.each([
    ["${A:?}", "A: is not allowed to be unset"],
    ["${A?}", "A: is not allowed to be unset"],
    ["${E:?}", "E: is not allowed to be empty"],
    ["${E:?why}", "E: why"],
    ["${A:#x}", "unsupported modifier (:#) in substitution"],
    ["${A:=x}", "unsupported modifier (:=) in substitution"],
    ["${A=x}", "unsupported modifier (=) in substitution"],
    ["${A:", "unsupported modifier (:) in substitution"],
    ["${A", "unsupported modifier () in substitution"],
    ["${A:-x", "syntax error: missing '}'"],
  ])("%s is refused", (word, reason) => expect(reasonOf(`FROM scratch\nARG E=\nCOPY ${word} /\n`)).toBe(reason));

  test.each([
    ["${A:-x}", "x"],
    ["${E:-x}", "x"],
    ["${V:-x}", "a.b.c"],
    ["${E:+x}y", "y"],
    ["${E+x}y", "xy"],
    ["${V:+x}", "x"],
    ["x${E-y}", "x"],
    ["x${E?}", "x"],
    ["${V#*.}", "b.c"],
    ["${V##*.}", "c"],
    ["${V%.*}", "a.b"],
    ["${V%%.*}", "a"],
  ])("%s is %s", (word, path) =>
    expect(
      readDockerfile(`FROM scratch\nARG E=\nARG V=a.b.c\nCOPY ${word} /\n`).sources.flatMap(({ paths }) => paths),
    ).toEqual([path]),
  );
});
