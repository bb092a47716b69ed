import { blocksOf, missingLine } from "./page";

const fenced = (language: string, text = "a\n"): string => `\`\`\`${language}\n${text}\`\`\`\n`;
const kinds = (markdown: string): string[] =>
  blocksOf(markdown).map((block) =>
    block.kind === "file"
      ? `${block.file}${block.again ? " again" : ""}`
      : block.kind === "needs"
        ? block.needs
        : block.kind,
  );

describe("blocks of a page", () => {
  test("are files, commands, what those print, and what no test can run", () => {
    const page = [
      "# Title",
      "## One",
      "`a/main.tf`:",
      fenced("hcl"),
      fenced("sh"),
      "Prints:",
      fenced("text"),
      "## Two",
      "`a/main.tf`, now:",
      fenced("hcl"),
      "Needs a cluster:",
      fenced("sh"),
    ].join("\n\n");
    expect(kinds(page)).toEqual(["a/main.tf", "commands", "output", "a/main.tf again", "Needs a cluster"]);
    expect(blocksOf(page).map(({ section, line }) => `${section} ${line}`)).toEqual([
      "One 7",
      "One 12",
      "One 19",
      "Two 28",
      "Two 35",
    ]);
    expect(blocksOf(page)[0]!.text).toBe("a\n");
  });

  test.each([
    ["a program without a file", `Text:\n\n${fenced("hcl")}`, "line 3: nothing says what this block is for"],
    ["output that is not said to be printed", fenced("text"), "line 1: nothing says"],
    ["a language that is none of commands", fenced("shell"), "line 1: nothing says"],
    ["no language", fenced(""), "line 1: nothing says"],
    ["a name that is not all of the line", `In \`main.tf\`:\n\n${fenced("hcl")}`, "line 3: nothing says"],
    ["a mark of another block", `Needs a cluster:\n\n${fenced("sh")}\n${fenced("hcl")}`, "line 7: nothing says"],
    ["a block that does not end", "```sh\na\n", "line 1: write the block between lines of ```"],
    ["a block with attributes", fenced("sh title=a"), "line 1: write the block"],
    ["a block in an item of a list", "- a\n\n  ```sh\n  a\n  ```\n", "line 3: write the block"],
    ["a block between tildes", "~~~sh\na\n~~~\n", "line 1: write the block"],
    ["an indented block", "Text:\n\n    terraform init\n", "line 3: write the block"],
  ])("%s is an error", (_what, page, message) => {
    expect(() => blocksOf(page)).toThrow(message);
  });

  test("what goes on with an item of a list is no block", () => {
    expect(blocksOf("- a\n\n    b\n\n1. c\n   d\n\n    e\n")).toEqual([]);
  });
});

test("what is printed has the lines that a page shows, in their order, and not a part of a line", () => {
  const printed = "pending\nactive, 2 s\n\nDone: a.b\n";
  expect(missingLine(printed, "pending\nDone: a.b\n")).toBeNull();
  expect(missingLine(printed, "active, …\n")).toBeNull();
  expect(missingLine(printed, "Done: a.b\npending\n")).toBe("pending");
  expect(missingLine(printed, "active\n")).toBe("active");
  expect(missingLine(printed, "Done: axb\n")).toBe("Done: axb");
  expect(missingLine(printed, "Done: a…c\n")).toBe("Done: a…c");
});
