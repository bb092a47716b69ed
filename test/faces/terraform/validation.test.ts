import { Project, type Diagnostic } from "../support/terraform";

/** One resource with what is wrong in it, and what Terraform then says: the line that it points at, and part of the message. */
const cases: [what: string, body: string, code: string, message: string][] = [
  [
    "image without a tag",
    `name = "a"\n image = "ubuntu"`,
    `image = "ubuntu"`,
    'has no tag. Add one, such as "ubuntu:24.04"',
  ],
  [
    "image with latest",
    `name = "a"\n image = "ubuntu:latest"`,
    `image = "ubuntu:latest"`,
    'has the tag "latest", which the API does not accept',
  ],
  ["broken digest", `name = "a"\n image = "ubuntu@sha256:12"`, `image = "ubuntu@sha256:12"`, "invalid digest"],
  ["empty image", `name = "a"\n image = " "`, `image = " "`, "The image is empty"],
  [
    "no source",
    `name = "a"`,
    "",
    "Set exactly one of image, dockerfile, dockerfile_content, local_image and source_sandbox. None is set.",
  ],
  [
    "two sources",
    `name = "a"\n image = "a:1"\n dockerfile_content = "FROM a:1"`,
    `dockerfile_content = "FROM a:1"`,
    "image and dockerfile_content are set.",
  ],
  ["no name", `image = "a:1"`, "", "Set exactly one of name and name_prefix. Neither is set."],
  [
    "two names",
    `name = "a"\n name_prefix = "b"\n image = "a:1"`,
    `name_prefix = "b"`,
    "Set exactly one of name and name_prefix",
  ],
  ["name with a space", `name = "a b"\n image = "a:1"`, `name = "a b"`, "is not accepted by the API"],
  [
    "name that looks like a link",
    `name = "hotel:2"\n image = "a:1"`,
    `name = "hotel:2"`,
    'contains "tel:", which the API treats as a link',
  ],
  ["name with a double slash", `name = "a//b"\n image = "a:1"`, `name = "a//b"`, "single"],
  ["name of a successor", `name = "a--next-0123abcd"\n image = "a:1"`, `name = "a--next-0123abcd"`, "successor"],
  ["empty prefix", `name_prefix = ""\n image = "a:1"`, `name_prefix = ""`, "The prefix is empty"],
  [
    "cpu of a half",
    `name = "a"\n image = "a:1"\n cpu = 0.5`,
    `cpu = 0.5`,
    "cpu must be a whole number of cores, at least 1 (got 0.5)",
  ],
  ["memory of zero", `name = "a"\n image = "a:1"\n memory = 0`, `memory = 0`, "GiB"],
  [
    "two GPUs",
    `name = "a"\n image = "a:1"\n gpu = 2`,
    `gpu = 2`,
    "gpu must be 0 or 1, because the API gives a sandbox at most one GPU (got 2)",
  ],
  ["empty entrypoint", `name = "a"\n image = "a:1"\n entrypoint = []`, `entrypoint = []`, "The list is empty"],
  [
    "blank entrypoint item",
    `name = "a"\n image = "a:1"\n entrypoint = ["sh", " "]`,
    `entrypoint = ["sh", " "]`,
    "The item is blank",
  ],
  [
    "entrypoint with a Dockerfile",
    `name = "a"\n dockerfile_content = "FROM a:1"\n entrypoint = ["sh"]`,
    `entrypoint = ["sh"]`,
    "A Dockerfile defines its own entrypoint",
  ],
  [
    "Dockerfile without FROM",
    `name = "a"\n dockerfile_content = "RUN true"`,
    `dockerfile_content = "RUN true"`,
    "no FROM line",
  ],
  [
    "Dockerfile of 100 KiB",
    `name = "a"\n dockerfile_content = "FROM a:1\${join("", [for i in range(1000) : "\\n# ${"x".repeat(110)}"])}"`,
    "dockerfile_content =",
    "The API accepts less than 100 KiB",
  ],
  [
    "replacement",
    `name = "a"\n image = "a:1"\n replacement = "blue"`,
    `replacement = "blue"`,
    '"blue" is neither "swap" nor "recreate"',
  ],
  [
    "timeout",
    `name = "a"\n image = "a:1"\n timeouts = { create = "soon" }`,
    `timeouts = { create = "soon" }`,
    '"soon" is not a duration',
  ],
  ["id", `name = "a"\n image = "a:1"\n id = "x"`, `id = "x"`, "`id` is set by the API and is read-only. Remove it."],
  [
    "state",
    `name = "a"\n image = "a:1"\n state = "inactive"`,
    `state = "inactive"`,
    "`state` is set by the API and is read-only. Remove it, or set `active` instead.",
  ],
  [
    "GPU type",
    `name = "a"\n image = "a:1"\n gpu_type = "H100"`,
    `gpu_type = "H100"`,
    "`gpu_type` is set by the API and is read-only. Remove it, or set `gpu_types` instead.",
  ],
  [
    "region IDs",
    `name = "a"\n image = "a:1"\n region_ids = ["eu"]`,
    `region_ids = ["eu"]`,
    "Remove it, or set `region` instead.",
  ],
  [
    "image name",
    `name = "a"\n image = "a:1"\n image_name = "b:1"`,
    `image_name = "b:1"`,
    "Remove it, or set `image` instead.",
  ],
  [
    "an unknown creation time",
    `name = "a"\n image = "a:1"\n created_at = terraform_data.later.output`,
    `created_at = terraform_data.later.output`,
    "`created_at` is set by the API and is read-only. Remove it.",
  ],
  ["empty region", `name = "a"\n image = "a:1"\n region = ""`, `region = ""`, "The value is empty"],
];

test("every invalid value is an error of `terraform validate`, at its attribute, with no key and no API", async () => {
  const project = new Project({ env: {} });
  try {
    const resources = cases.map(([, body], i) => `resource "daytona_snapshot" "case_${i}" {\n ${body}\n}`);
    project.program(
      `provider "daytona" {}\nresource "terraform_data" "later" { input = "x" }\n${resources.join("\n")}\n`,
    );
    const result = await project.validate();
    const told = (i: number): Diagnostic[] =>
      result.errors.filter((error) => error.address === `daytona_snapshot.case_${i}`);
    const found = cases.map(([what, , code], i) => {
      const errors = told(i);
      return [what, errors.length, code === "" ? "" : (errors[0]?.snippet?.code ?? "").trim().slice(0, code.length)];
    });
    expect(found).toEqual(cases.map(([what, , code]) => [what, 1, code]));
    cases.forEach(([, , , message], i) => expect(told(i)[0]?.detail).toContain(message));
    expect(result.code).toBe(1);
  } finally {
    project.remove();
  }
});

test("unknown values pass, and so does a program without a key", async () => {
  const project = new Project({ env: {} });
  try {
    project.program(`
resource "terraform_data" "later" { input = "x" }
provider "daytona" { api_key = terraform_data.later.output }
resource "daytona_snapshot" "a" {
  name       = terraform_data.later.output
  image      = terraform_data.later.output
  cpu        = length(terraform_data.later.output)
  entrypoint = [terraform_data.later.output]
  triggers   = { x = terraform_data.later.output }
  timeouts   = { create = terraform_data.later.output }
}
data "daytona_snapshot" "b" { name = terraform_data.later.output }
`);
    expect((await project.validate()).stdout).toContain('"valid": true');
  } finally {
    project.remove();
  }
});

test("a data source with no, or two, ways to find its snapshot", async () => {
  const project = new Project({ env: {} });
  try {
    project.program(
      `data "daytona_snapshot" "none" {}\ndata "daytona_snapshot" "two" {\n  id = "1"\n  name = "a"\n}\n`,
    );
    const { errors } = await project.validate();
    expect(errors.map((error) => error.summary).sort()).toEqual([
      "Both `id` and `name` are set",
      "Neither `id` nor `name` is set",
    ]);
  } finally {
    project.remove();
  }
});

test.each([
  [`max_concurrency = 0`, "max_concurrency"],
  [`api_url = "daytona"`, "api_url"],
  [`api_key = "k"\n jwt_token = "j"`, "jwt_token"],
])("provider configuration %j is refused at its argument", async (body, attribute) => {
  const project = new Project({ env: {} });
  try {
    project.program(
      `provider "daytona" {\n ${body}\n}\nresource "daytona_snapshot" "a" {\n name = "a"\n image = "a:1"\n}`,
    );
    const { errors } = await project.validate();
    expect(errors).toHaveLength(1);
    expect(errors[0]?.snippet?.code.trim()).toMatch(new RegExp(`^${attribute} =`));
  } finally {
    project.remove();
  }
});

test("what only the API sets is refused in data sources as well", async () => {
  const project = new Project({ env: {} });
  try {
    project.program(`
provider "daytona" {}
data "daytona_snapshots" "names" { names = ["agent"] }
data "daytona_snapshots" "null" { states = ["active", null] }
data "daytona_snapshot" "state" {
  name  = "agent"
  state = "active"
}
data "daytona_regions" "ids" { ids = ["eu"] }
`);
    const { errors } = await project.validate();
    expect(errors.map((error) => [error.address, error.summary, error.detail]).sort()).toEqual([
      ["data.daytona_regions.ids", "Read-only attribute", "`ids` is set by the API and is read-only. Remove it."],
      ["data.daytona_snapshot.state", "Read-only attribute", "`state` is set by the API and is read-only. Remove it."],
      [
        "data.daytona_snapshots.names",
        "Read-only attribute",
        "`names` is set by the API and is read-only. Remove it, or set `name_contains` instead.",
      ],
      ["data.daytona_snapshots.null", "Invalid state", "The item is null. Set it to a state, or remove it."],
    ]);
  } finally {
    project.remove();
  }
});
