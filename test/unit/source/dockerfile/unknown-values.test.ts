import { copiesWithoutFiles, DockerfileError, readDockerfile } from "../../../../provider/source/dockerfile";

const paths = (dockerfile: string) => readDockerfile(dockerfile).sources.flatMap((source) => source.paths);
function refusal(dockerfile: string): string {
  try {
    readDockerfile(dockerfile);
  } catch (error) {
    if (error instanceof DockerfileError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("ADD from elsewhere, with a variable that is not known", () => {
  test.each([
    "https://nodejs.org/dist/v${NODE_VERSION}/node.tar.gz",
    "http://host/$A",
    '"https://host/$A"',
    "'https://host/'$A",
    "https://host/${A%.*}",
    "https://host/${A:-${B}}",
    "git://host/$A",
    "git@github.com:$A/b.git",
    "ssh://git@host/$A",
    "$KNOWN/v$A",
    "${KNOWN}/v$A",
    "$DERIVED/b",
    "$OF_ENV",
  ])("%s takes nothing of the context", (source) => {
    const text = `FROM node\nARG KNOWN=https://host\nARG DERIVED=\${KNOWN}/$A\nENV OF_ENV=$DERIVED/x\nADD ${source} /x\nCOPY a /\n`;
    expect(paths(text)).toEqual(["a"]);
    expect(copiesWithoutFiles(text).missing.map((missing) => missing.text)).toEqual(["COPY a"]);
  });

  test.each([
    "$A",
    "${A}https://host",
    "x$A",
    "https$A",
    "https:/$A",
    "./https://$A",
    "${A#?}https://host",
    "${DERIVED#https://}",
    '${DERIVED#"https://$A"}',
    "gitx@$A",
    "file://$A",
  ])("%s may be a file of the context", (source) => {
    expect(refusal(`FROM node\nARG DERIVED=https://host/$A\nADD ${source} /x\n`)).toMatch(
      /^Dockerfile line 3 \(ADD .* \/x\): \$A is not set in this stage, and whether the image node sets it cannot be determined/,
    );
  });

  test("COPY takes nothing from elsewhere", () =>
    expect(refusal("FROM node\nCOPY https://host/$A /x\n")).toContain("$A is not set in this stage"));
  test("what is wrong further on is told", () =>
    expect(refusal("FROM node\nADD https://host/$A${B /x\n")).toContain("unsupported modifier () in substitution"));
  test("several sources are told apart", () => {
    expect(paths("FROM node\nADD https://host/$A b /x/\n")).toEqual(["b"]);
    expect(refusal("FROM node\nADD https://host/$A b$A /x/\n")).toContain("$A is not set");
  });
});

describe("an ARG before the first FROM that a stage does not repeat", () => {
  const anyway = "To build anyway, list the files that the build reads in context.";
  const missing = (name: string) =>
    `$${name} is not set in this stage, because an ARG before the first FROM is set only in stages that repeat it: add "ARG ${name}" to this stage, before this line. ${anyway}`;

  test.each(["ARG V=1", "ARG V", "ARG A=1 V=2"])("%s is named", (arg) =>
    expect(refusal(`${arg}\nFROM node\nCOPY $V /x\n`)).toBe(`Dockerfile line 3 (COPY $V /x): ${missing("V")}`),
  );
  test("also in a stage that stands on another, and behind an ENV", () => {
    expect(refusal("ARG V=1\nFROM node AS a\nFROM a\nENV W=$V/x\nCOPY $W /x\n")).toBe(
      `Dockerfile line 5 (COPY $W /x): ${missing("V")}`,
    );
  });
  test("repeated, it counts", () => {
    expect(paths("ARG V=1\nFROM node\nARG V\nCOPY $V /x\n")).toEqual(["1"]);
    expect(refusal("ARG V\nFROM node\nARG V\nCOPY $V /x\n")).toContain("$V has no value: give it one in buildArgs");
  });
  test("one of the builder's own", () =>
    expect(refusal("FROM node\nCOPY $TARGETARCH /x\n")).toBe(
      `Dockerfile line 2 (COPY $TARGETARCH /x): $TARGETARCH has a value only in stages that declare it: add "ARG TARGETARCH" to this stage, before this line. ${anyway}`,
    ));
  test("any other can be set by the image", () =>
    expect(refusal("ARG V=1\nFROM node\nCOPY $W /x\n")).toContain(
      "whether the image node sets it cannot be determined",
    ));
});

describe("the frontend", () => {
  test.each([
    "docker/dockerfile",
    "docker/dockerfile:1",
    "docker.io/docker/dockerfile:1.4",
    "docker/dockerfile-upstream:master",
    "docker/dockerfile@sha256:0",
    "mirror.gcr.io/docker/dockerfile:1.4",
    "registry-1.docker.io/docker/dockerfile:1",
    "localhost/docker/dockerfile",
    "localhost:5000/docker/dockerfile:1",
    "harbor:443/docker/dockerfile:1",
    "harbor.example.com:8443/hub-proxy/docker/dockerfile:1-labs",
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/docker-hub/docker/dockerfile:1",
  ])("%s is Docker's", (image) => expect(paths(`# syntax=${image}\nFROM scratch\nCOPY a /\n`)).toEqual(["a"]));
  test.each([
    "someone/dockerfile:1",
    "someone/docker/dockerfile:1",
    "ghcr.io/someone/dockerfile:1",
    "ghcr.io/docker/dockerfile2:1",
    "ghcr.io/xdocker/dockerfile:1",
    "ghcr.io/docker/dockerfile/x",
    "docker/docker/dockerfile",
    "/docker/dockerfile",
    "a..b/docker/dockerfile",
  ])("%s is not", (image) =>
    expect(refusal(`# syntax=${image}\nFROM scratch\nCOPY a /\n`)).toBe(
      `Dockerfile line 1 (syntax=${image}): the frontend ${image} has its own rules, so it is unknown which files it reads: list them in context.`,
    ),
  );
});

describe("without a build context", () => {
  test.each<[string, string[]]>([
    ["COPY a /", ["COPY a"]],
    ["COPY *.x /", []],
    ["COPY a/*.x /", ["COPY a/*.x"]],
    ["COPY a*/x /", []],
    ["COPY --parents a/b /", ["COPY a/b"]],
    ["COPY --parents a/*.x /", []],
    ["COPY --parents a/./*.x /", ["COPY a/./*.x"]],
    ["COPY --parents a*/./x /", []],
    ["COPY --parents ./*.x /", []],
    ["COPY . /", []],
    ["COPY Dockerfile /", []],
    ["ADD https://host/x /", []],
  ])("of %s the build misses %j", (instruction, expected) =>
    expect(copiesWithoutFiles(`FROM scratch\n${instruction}\n`).missing.map(({ text }) => text)).toEqual(expected),
  );
});
