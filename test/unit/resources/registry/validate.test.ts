import { identifierOf } from "../../../../provider/kit/attribute";
import { inPlaceResources } from "../../../../provider/resources";
import { storedUrl, urlProblem } from "../../../../provider/resources/registry/address";
import { validateRegistry } from "../../../../provider/resources/registry/validate";
import { UNKNOWN } from "../../../../provider/kit/unknown";

const whole = { name: "hub", url: "docker.io", username: "robot", password: "secret-1" };
const key = JSON.stringify({ type: "service_account" });

test.each([
  ["Docker Hub", {}],
  ["a port and a path", { url: "https://registry.example.com:8443/team" }],
  ["an IP address", { url: "http://10.0.0.7:5000" }],
  ["an IP address of version 6", { url: "http://[2001:db8::1]:5000" }],
  ["GitHub", { url: "ghcr.io" }],
  [
    "ECR, by a role",
    { url: "123456789012.dkr.ecr.eu-central-1.amazonaws.com", username: "arn:aws:iam::123456789012:role/pull" },
  ],
  ["Azure", { url: "https://team.azurecr.io" }],
  ["Google, with a key", { url: "europe-docker.pkg.dev", username: "_json_key", password: key }],
  [
    "Google, with a key in base64",
    { url: "europe-docker.pkg.dev", username: "_json_key_base64", password: Buffer.from(key).toString("base64") },
  ],
  ["values that are not known yet", { name: UNKNOWN, url: UNKNOWN, username: UNKNOWN, password: UNKNOWN }],
  ["an empty name, which the API allows", { name: "" }],
])("accepts %s", (_, change) => {
  expect(validateRegistry({ ...whole, ...change }, "terraform")).toEqual([]);
});

test.each<[Record<string, unknown>, string, string, string]>([
  [{ name: null }, "name", "Missing name", "`name` is required."],
  [{ username: null }, "username", "Missing username", "`username` is required."],
  [
    { username: " " },
    "username",
    "Invalid user name",
    "It is empty. Set it to the user name, or to what the registry expects in its place.",
  ],
  [{ name: "a<b>" }, "name", "Invalid registry name", "The name contains an HTML tag, which the API refuses."],
  [{ name: "see www.x" }, "name", "Invalid registry name", "The name contains a URL, which the API refuses."],
  [
    { name: "a\u0007" },
    "name",
    "Invalid registry name",
    "The name contains a control character, which the API refuses.",
  ],
  [
    { password: "" },
    "password",
    "Invalid password",
    "It is empty. The API would accept it, and every pull would fail.",
  ],
  [
    { username: "_json_key", password: "{" },
    "password",
    "Invalid key file",
    "With the user name `_json_key`, the password is the text of a service account's key file, a JSON object. For a text in base64, set `username` to `_json_key_base64`.",
  ],
  [
    { username: "_json_key_base64", password: key },
    "password",
    "Invalid key file",
    "With the user name `_json_key_base64`, the password is the text of a service account's key file in base64.",
  ],
])("%j is refused", (change, attribute, summary, detail) => {
  expect(validateRegistry({ ...whole, ...change }, "pulumi")).toEqual([{ attribute: [attribute], summary, detail }]);
});

test.each(["null", "[]", '"{}"'])("%s is JSON, and no key file", (password) => {
  expect(validateRegistry({ ...whole, username: "_json_key", password }, "pulumi")).toMatchObject([
    { attribute: ["password"], summary: "Invalid key file" },
  ]);
});

test("exactly one password is needed, and in other tools than Terraform there is one", () => {
  const none = { ...whole, password: null };
  const open = "A registry without credentials needs no resource: Daytona pulls public images without one.";
  expect(validateRegistry(none, "terraform")).toEqual([
    {
      attribute: ["password"],
      summary: "Missing password",
      detail: `Set \`password\`, or \`password_wo\`, which is never stored in a state. ${open}`,
    },
  ]);
  expect(validateRegistry(none, "pulumi")).toEqual([
    { attribute: ["password"], summary: "Missing password", detail: `Set \`password\`. ${open}` },
  ]);
  expect(validateRegistry({ ...none, passwordWo: "x" }, "terraform")).toEqual([]);
  expect(validateRegistry({ ...none, passwordWo: "x", passwordWoVersion: 3 }, "terraform")).toEqual([]);
  expect(validateRegistry({ ...whole, passwordWo: "x" }, "terraform")).toEqual([
    {
      attribute: ["passwordWo"],
      summary: "More than one password",
      detail: "Set `password` or `password_wo`, not both.",
    },
  ]);
  expect(validateRegistry({ ...whole, passwordWo: UNKNOWN }, "terraform")).toEqual([]);
  expect(validateRegistry({ ...none, passwordWo: "" }, "terraform")).toMatchObject([
    { attribute: ["passwordWo"], summary: "Invalid password" },
  ]);
  expect(validateRegistry({ ...whole, passwordWoVersion: 1 }, "terraform")).toEqual([
    {
      attribute: ["passwordWoVersion"],
      summary: "Version without a password",
      detail: "`password_wo_version` requires `password_wo`.",
    },
  ]);
});

test.each([
  ["", "It is empty. Set it to the address of the registry, such as `ghcr.io`."],
  ["ghcr.io /x", "It contains a space."],
  ["ftp://registry.example.com", "Registries are reached by https or http, not by ftp."],
  [
    "https://robot:pw@ghcr.io",
    "It contains credentials. Set them as `username` and `password`; an address is shown to everyone.",
  ],
  ["https://ghcr.io/v2?x=1", "It contains a query or a fragment. Set it to the address only."],
  [
    "localhost:5000",
    'The API accepts only host names with a dot, and "localhost" has none. Daytona\'s runners have to reach the registry, so a local name does not work either.',
  ],
  [
    "http://registry:5000",
    'The API accepts only host names with a dot, and "registry" has none. Daytona\'s runners have to reach the registry, so a local name does not work either.',
  ],
  ["https://Hub.Docker.com", "The address of Docker Hub is `docker.io`."],
  [
    "https://mydocker.io.example.com",
    'The API stores every address that contains "docker.io" as Docker Hub\'s own, so Daytona would send these credentials to Docker Hub.',
  ],
  [
    "ghcr.io/docker.io",
    'The API stores every address that contains "docker.io" as Docker Hub\'s own, so Daytona would send these credentials to Docker Hub.',
  ],
  ["https://hub.docker.com", "The address of Docker Hub is `docker.io`."],
  ["docker.com", "The address of Docker Hub is `docker.io`."],
  ["https://github.com/team", "The address of GitHub's registry is `ghcr.io`."],
  ["docker.pkg.github.com", "The address of GitHub's registry is `ghcr.io`."],
  ["gitlab.com", "The address of GitLab's registry is `registry.gitlab.com`."],
  ["https://portal.azure.com", "The address of a registry in Azure is `NAME.azurecr.io`."],
  ["azurecr.io", "The address of a registry in Azure is `NAME.azurecr.io`."],
  [
    "https://eu-central-1.console.aws.amazon.com/ecr",
    "The address of a registry in Amazon ECR is `ACCOUNT.dkr.ecr.REGION.amazonaws.com`.",
  ],
  [
    "api.ecr.us-east-1.amazonaws.com",
    "The address of a registry in Amazon ECR is `ACCOUNT.dkr.ecr.REGION.amazonaws.com`.",
  ],
  ["https://console.cloud.google.com/artifacts", "The address of Google Artifact Registry is `REGION-docker.pkg.dev`."],
  ["pkg.dev", "The address of Google Artifact Registry is `REGION-docker.pkg.dev`."],
])("the address %j cannot work", (url, problem) => {
  expect(urlProblem(url)).toBe(problem);
  expect(validateRegistry({ ...whole, url }, "terraform")).toEqual([
    { attribute: ["url"], summary: "Invalid registry URL", detail: problem },
  ]);
});

test.each([
  ["https://index.docker.io/v1/", "docker.io"],
  ["https://registry-1.docker.io", "docker.io"],
  ["Docker.IO", "docker.io"],
  ["https://registry.example.com//", "https://registry.example.com"],
  ["https://Registry.example.com:443/Team", "https://Registry.example.com:443/Team"],
])("%s is stored as %s", (url, stored) => {
  expect(storedUrl(url)).toBe(stored);
});

test("every attribute that the API takes is sent and read, or is a secret that it never returns", () => {
  for (const { table, listTable, plural } of inPlaceResources) {
    for (const { name, sent, read, sensitive, versionOf } of table.inputs) {
      expect([
        name,
        versionOf !== undefined || (sent !== undefined && (read !== undefined) !== (sensitive === true)),
      ]).toEqual([name, true]);
    }
    // What is listed: all that the API returns, and no secret.
    const listed = listTable.outputs.find(({ name }) => name === identifierOf(plural))!.type as {
      objects: readonly { name: string }[];
    };
    expect(listed.objects.map(({ name }) => name).sort()).toEqual(
      [...table.inputs, ...table.outputs].flatMap(({ name, read }) => (read === undefined ? [] : [name])).sort(),
    );
  }
});
