import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const root = join(__dirname, "../../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Element {
  type: string;
  id?: string;
  attributes: { label?: string; description?: string; value?: string; options?: string[]; render?: string };
  validations?: { required: boolean };
}
interface Form {
  name: string;
  description: string;
  labels: string[];
  body: Element[];
}
const folder = ".github/ISSUE_TEMPLATE";
const form = (name: string): Form => parse(read(`${folder}/${name}`)) as Form;

test("there is a form for a bug and one for a feature, and no issue without one", () => {
  expect(readdirSync(join(root, folder)).sort()).toEqual(["bug.yml", "config.yml", "feature.yml"]);
  expect((parse(read(`${folder}/config.yml`)) as { blank_issues_enabled: boolean }).blank_issues_enabled).toBe(false);
});

// By GitHub's syntax for issue forms: keys of the top, types of elements, an ID for what is filled in, options of a dropdown.
test.each(["bug.yml", "feature.yml"])("%s is a form that GitHub takes", (name) => {
  const { body, ...top } = form(name);
  expect(Object.keys(top).sort()).toEqual(["description", "labels", "name"]);
  const filled = body.filter(({ type }) => type !== "markdown");
  expect(new Set(filled.map(({ id }) => id)).size).toBe(filled.length);
  for (const { type, id, attributes } of body) {
    expect(["markdown", "textarea", "input", "dropdown", "checkboxes"]).toContain(type);
    if (type === "markdown") expect(attributes.value).toMatch(/\w/);
    else expect([id, attributes.label]).toEqual([expect.stringMatching(/^[\w-]+$/), expect.stringMatching(/\w/)]);
    if (type === "dropdown") expect(new Set(attributes.options).size).toBe(attributes.options!.length);
  }
  expect(filled.some(({ validations }) => validations?.required)).toBe(true);
});

test("a bug comes with what doctor prints, as it stands", () => {
  const doctor = form("bug.yml").body.find(({ id }) => id === "doctor")!;
  expect(doctor.attributes.label).toContain("`npx daytona-iac doctor`");
  expect(doctor).toMatchObject({ attributes: { render: "text" }, validations: { required: true } });
});

test("addresses are those of the package, and the pages that they name are there", () => {
  const { bugs } = JSON.parse(read("package.json")) as { bugs: { url: string } };
  const home = bugs.url.replace(/\/issues$/, "");
  const addresses = readdirSync(join(root, folder)).flatMap((name) =>
    [...read(`${folder}/${name}`).matchAll(/https:\/\/[^\s)]+/g)].map(([address]) => address),
  );
  expect(addresses.length).toBeGreaterThan(2);
  for (const address of addresses) {
    expect(address.slice(0, home.length)).toBe(home);
    expect(read(address.slice(home.length).replace(/^\/blob\/main\//, ""))).toMatch(/^(---|# )/);
  }
});
