import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { validateRegistry } from "../../../provider/resources/registry/validate";
import { version } from "../../../provider/version.gen";
import { describeWithPulumi } from "../pulumi/setup";
import { type Block, blocksOf, pages, read } from "./page";
import { Machine, Reader } from "./reader";

// Every page as a stranger follows it: each block as it stands, in one empty folder with an empty HOME, in the shell that the page opens. What a page
// says is printed is compared by the reader; the tests here look at what a page does not print.
jest.setTimeout(400_000);

/** Pages that are followed, and what their marked blocks need. */
const FOLLOWED: Readonly<Record<string, readonly string[]>> = {
  "docs/guides/keys.md": [],
  "docs/guides/zero-downtime.md": [],
  "docs/guides/terraform-test.md": [],
  "docs/guides/drift.md": [],
  "docs/guides/from-536tech.md": [],
  "docs/guides/from-scripts.md": ["Needs access to Docker Hub"],
  "docs/guides/from-snapshot-to-sandbox.md": ["Needs an account, because the local API runs nothing"],
  "docs/guides/private-images.md": [],
  "docs/guides/team.md": ["Needs Docker, and access to Docker Hub and npm"],
  "docs/installation-configuration.md": ["Needs root, in a container"],
};
/** Pages with blocks that other tests run, or that are only for those who publish. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "README.md": "readme.test.ts",
  "docs/source-hash.md": "source-hash.test.ts runs the recipe and the vectors",
  "docs/cli.md": "generated from the definitions of the commands",
  "docs/_index.md": "the same programs as on pages that are followed, which is tested below",
  "examples/cdktf/README.md": "examples.test.ts",
  "examples/cdktn/README.md": "examples.test.ts",
  "docs/guides/clients.md": "same-program.test.ts and clients.test.ts",
  "examples/dockerfile-context/README.md": "dockerfile-context.test.ts and native-build.test.ts run its programs",
  "examples/pulumi-python/README.md": "languages.test.ts runs its program",
  "examples/pulumi-typescript/README.md": "example.test.ts of the dynamic provider",
  "examples/pulumi-yaml/README.md": "languages.test.ts runs its program",
  "examples/terraform-query/README.md": "query-example.test.ts",
  "CONTRIBUTING.md": "for a checkout, and for those who publish",
};
/** Pages of the reference, and what they are generated from: docs.test.ts runs their examples. */
const REFERENCE =
  /^scripts\/generate\/pages\/|^docs\/(index\.md$|(resources|data-sources|functions|list-resources|ephemeral-resources)\/)/;

const machine = new Machine();
beforeAll(() => machine.start());
afterAll(() => machine.stop());

test("every page with blocks is followed, or has its own test", () => {
  const withBlocks = pages.filter((page) => /^\s*(```|~~~)/m.test(read(page)) && !REFERENCE.test(page));
  expect(withBlocks.sort()).toEqual([...Object.keys(FOLLOWED), ...Object.keys(ELSEWHERE)].sort());
});

test.each(Object.entries(FOLLOWED))("%s: what no test can run is marked, and is only this", (page, needs) => {
  const marked = blocksOf(read(page)).flatMap((block) => (block.kind === "needs" ? [block.needs] : []));
  expect(marked).toEqual(needs);
});

test("docs/_index.md has the programs of pages that are followed", () => {
  const block = (page: string, language: string): string[] =>
    [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))].map(([, text]) =>
      text!.replace(/\n\n+/g, "\n"),
    );
  const page = "docs/_index.md";
  expect(block("README.md", "ts")).toEqual(expect.arrayContaining(block(page, "typescript")));
  const [yaml, ...others] = block(page, "yaml");
  expect(others).toEqual([]);
  expect(block("docs/installation-configuration.md", "yaml")).toContain(`name: snapshots-yaml\nruntime: yaml\n${yaml}`);
  const lines = block(page, "python")[0]!.trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  for (const line of lines.slice(0, 3)) expect(read("examples/pulumi-python/__main__.py")).toContain(line);
});

interface Looking {
  reader(): Reader;
  /** What the commands of a section printed. */
  told(section: string): string;
}

/** Follows a page, a test for each section, and then looks at what has become of it. */
function follow(page: string, look: (looking: Looking) => void = () => {}): void {
  describe(page, () => {
    const blocks = blocksOf(read(page));
    const told = new Map<string, string>();
    let reader: Reader;
    let failed = "";
    beforeAll(() => {
      reader = new Reader(machine, page.startsWith("examples/") ? dirname(page) : null);
    });
    afterAll(() => reader.leave());

    const section = (title: string, own: readonly Block[]): void => {
      test(title === "" ? "its blocks, from top to bottom" : title, async () => {
        if (failed !== "") throw new Error(`"${failed}" has failed before`);
        failed = title;
        told.set(title, (await reader.follow(own)).join(""));
        failed = "";
      });
    };
    for (const title of new Set(blocks.map((block) => block.section))) {
      const own = blocks.filter((block) => block.section === title);
      if (own.some(({ kind, text }) => kind === "commands" && /^pulumi /m.test(text)))
        describeWithPulumi("with Pulumi", ["yaml", "nodejs"], () => section(title, own));
      else section(title, own);
    }
    look({ reader: () => reader, told: (title) => told.get(title)! });
  });
}

interface Logged {
  method: string;
  kind: string;
  path: string;
}
const changes = async (reader: Reader): Promise<Logged[]> =>
  ((await reader.control("requests")) as Logged[]).filter(({ method }) => method !== "GET");

follow("docs/guides/keys.md");

follow("docs/guides/zero-downtime.md", ({ reader, told }) => {
  test("the second snapshot is there before the first one is deleted, and its name is the output", async () => {
    const kinds = (await changes(reader())).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "create" || kind === "delete").slice(0, 3)).toEqual([
      "create",
      "create",
      "delete",
    ]);
    expect(told("Terraform")).toMatch(/agent-\w+$/);
    expect(told("When the quota is full")).toContain("Nothing to prune");
  });
});

follow("docs/guides/terraform-test.md");

follow("docs/guides/drift.md", ({ reader }) => {
  test("the check of another release is a change that is not applied, and the reports are not empty", () => {
    for (const name of ["drift.html", "drift.json", "drift.md", "drift.sarif", "drift.xml"])
      expect(readFileSync(join(reader().folder, name), "utf8")).toContain("daytona_snapshot.agent");
  });
});

follow("docs/guides/from-536tech.md", ({ reader }) => {
  test("nothing was sent but the snapshot to rehearse with", async () => {
    expect((await changes(reader())).map(({ kind }) => kind)).toEqual(["create"]);
  });
});

follow("docs/guides/from-scripts.md", ({ reader }) => {
  const page = read("docs/guides/from-scripts.md");
  test("a command of the official command line becomes one of ours by its first words", () => {
    const instead = [...page.matchAll(/`(daytona snapshot create .*?)`/g)].map(([, text]) => text!);
    expect(instead).toHaveLength(3);
    expect(page).toContain(`\nnpx ${instead[0]!.replace("daytona ", "daytona-iac ")}\n`);
  });

  test("the snapshot was replaced, keeps what was not given, and is not touched by the import", async () => {
    expect(await reader().control("snapshots")).toMatchObject([
      { name: "agent", imageName: "ubuntu:22.04", cpu: 2, mem: 4 },
    ]);
    const last = (await changes(reader())).at(-1)!;
    await reader().run("terraform -chdir=infra apply");
    expect((await changes(reader())).at(-1)).toEqual(last);
  });

  test("an image that no registry can resolve creates nothing", async () => {
    const digest = blocksOf(page).find(({ kind }) => kind === "needs")!;
    const told = await reader().run(digest.text);
    expect(told).toContain('Error: resolving "alpine:3.22": no digest\n');
    expect(told).not.toContain("creating snapshot");
    expect(await reader().control("snapshots")).toHaveLength(1);
  });
});

const python = process.env["DAYTONA_IAC_PYTHON_SDK"];
follow("docs/guides/from-snapshot-to-sandbox.md", ({ reader }) => {
  test("the sandbox is of the snapshot that Terraform has made", async () => {
    const snapshot = reader().variable("SNAPSHOT");
    expect(await reader().control("snapshots")).toMatchObject([{ name: snapshot, imageName: "python:3.12-slim" }]);
    expect((await changes(reader())).map(({ method, path }) => `${method} ${path}`)).toContain("POST /api/sandbox");
  });

  /** A server in place of the local API, whose sandboxes newer SDKs for Python do not take: what it was asked for when `text` ran. */
  async function askedBy(text: string): Promise<string[]> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request
        .on("data", (chunk: Buffer) => (body += chunk.toString()))
        .on("end", () => {
          const { snapshot } = JSON.parse(body || "{}") as { snapshot?: string };
          asked.push(`${request.method} ${request.url} ${snapshot}`);
          response.writeHead(404, { "content-type": "application/json" }).end('{"message":"no sandboxes here"}');
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
    await expect(reader().run(`export DAYTONA_API_URL=${url}\n${text}`)).rejects.toThrow("no sandboxes here");
    await new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)));
    return asked;
  }
  (python === undefined ? test.skip : test)(
    `the SDK for Python asks for a sandbox of it${python === undefined ? " (skipped: DAYTONA_IAC_PYTHON_SDK is not set)" : ""}`,
    async () => {
      const block = blocksOf(read("docs/guides/from-snapshot-to-sandbox.md")).find(({ kind }) => kind === "needs")!;
      const lines = block.text.split("\n");
      expect(lines.slice(0, 2)).toEqual(["python3 -m venv .venv", ".venv/bin/pip install daytona"]);
      // The virtual environment that is there, with the SDK.
      const text = [`ln -s '${dirname(dirname(python!))}' .venv`, ...lines.slice(1)].join("\n");
      expect(await askedBy(text)).toContain(`POST /api/sandbox ${reader().variable("SNAPSHOT")}`);
    },
  );
});

follow("docs/guides/private-images.md", ({ reader }) => {
  const page = read("docs/guides/private-images.md");

  test("Terraform creates the registry first, rotates its password without touching the snapshot, and keeps no password", async () => {
    const sent = (await changes(reader())).map(
      ({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}$/, "ID")}`,
    );
    expect(sent.slice(0, 3)).toEqual([
      "POST /api/docker-registry",
      "POST /api/snapshots",
      "PATCH /api/docker-registry/ID",
    ]);
    const registries = (await reader().control("registries")) as { name: string; password: string }[];
    expect(registries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: "images", password: "ghp_…new" }),
        expect.objectContaining({ name: "by-hand", password: "ghp_…new" }),
      ]),
    );
    const state = readFileSync(join(reader().folder, "infra/terraform.tfstate"), "utf8");
    expect(state).toContain("acme-robot");
    expect(state).not.toContain("ghp_");
  });

  test("every wrong address in its table is refused with the right one beside it", () => {
    const rows = [...page.matchAll(/^\| (`.*?) \| `(.*?)` \|/gm)].map(
      ([, wrong, right]) => [[...wrong!.matchAll(/`(.*?)`/g)].map(([, address]) => address!), right!] as const,
    );
    expect(rows.flatMap(([wrong]) => wrong)).toHaveLength(11);
    for (const [wrong, right] of rows) {
      for (const url of wrong) {
        const [problem] = validateRegistry({ name: "a", url, username: "a", password: "a" }, "terraform");
        expect([url, problem?.detail]).toEqual([
          url,
          expect.stringMatching(new RegExp(`^The address of .* is \\\`${right.replaceAll(".", "\\.")}\\\`\\.$`)),
        ]);
      }
    }
  });
});

follow("docs/guides/team.md", ({ reader, told }) => {
  test("the line that locks is the one that the command has printed, and the mirror has both platforms", () => {
    const printed = /terraform (providers lock) -fs-mirror=\S+ (.*)$/m.exec(told("Lock every platform"))!;
    const line = `terraform -chdir=infra ${printed[1]} -fs-mirror="$PWD/mirror" ${printed[2]}\n`;
    expect(blocksOf(read("docs/guides/team.md")).map(({ text }) => text)).toContain(line);
    expect(told("Without access to a registry")).toContain("network_mirror {");
    expect(readdirSync(join(reader().folder, "public/registry.terraform.io/daytona-iac/daytona")).sort()).toEqual([
      `${version}.json`,
      "index.json",
      `terraform-provider-daytona_${version}_darwin_arm64.zip`,
      `terraform-provider-daytona_${version}_linux_amd64.zip`,
    ]);
    expect(existsSync(join(reader().folder, "infra/.terraform.lock.hcl"))).toBe(true);
  });
});

follow("docs/installation-configuration.md");
