import { type DriftReport, isNews, type ReportedSnapshot } from "./report";
import { detailLines, tagLines } from "./values";

/** The report as JUnit XML: a suite for each source, a test case for each snapshot. Drift and what is not applied are failures; a tag that has moved is output. */
export function asJunit(report: DriftReport): string {
  const bySource = report.sources.map((): ReportedSnapshot[] => []);
  for (const one of report.snapshots) bySource[one.source]?.push(one);
  const suites = report.sources.map(({ kind, name, error }, at) => {
    const own = bySource[at]!;
    const cases = own.map((one) => {
      const attributes = `classname="${xml(name)}" name="${xml(one.address)}" time="0"`;
      const tag = tagLines(one);
      // A note: the test passes all the same.
      const output = tag.length === 0 ? "" : `      <system-out>${xml(tag.join("\n"))}</system-out>\n`;
      if (!isNews(one))
        return output === ""
          ? `    <testcase ${attributes}/>`
          : `    <testcase ${attributes}>\n${output}    </testcase>`;
      const type = one.drifted ? "drift" : "not-applied";
      const lines = [...detailLines(one, kind), ...(one.command === null ? [] : [one.command])];
      return `    <testcase ${attributes}>\n      <failure type="${type}" message="${xml(one.summary)}">${xml(lines.join("\n"))}</failure>\n${output}    </testcase>`;
    });
    if (error !== null)
      cases.push(
        `    <testcase classname="${xml(name)}" name="check" time="0">\n      <error type="error" message="${xml(error.summary)}">${xml(error.detail)}</error>\n    </testcase>`,
      );
    const failures = own.filter(isNews).length;
    return {
      tests: cases.length,
      failures,
      errors: error === null ? 0 : 1,
      text: `  <testsuite name="${xml(`${kind} ${name}`)}" tests="${cases.length}" failures="${failures}" errors="${error === null ? 0 : 1}" skipped="0" time="0" timestamp="${report.generatedAt.slice(0, 19)}" hostname="daytona-iac">\n${cases.join("\n")}${cases.length > 0 ? "\n" : ""}  </testsuite>`,
    };
  });
  const sum = (key: "tests" | "failures" | "errors"): number => suites.reduce((total, suite) => total + suite[key], 0);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="daytona-iac drift" tests="${sum("tests")}" failures="${sum("failures")}" errors="${sum("errors")}" time="0">\n${suites.map(({ text }) => text).join("\n")}${suites.length > 0 ? "\n" : ""}</testsuites>\n`;
}

/** Without the control characters that XML 1.0 cannot have. */
function xml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"\n]/g, (c) =>
      c === "\n" ? "&#10;" : { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[c]!,
    );
}
