import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { assemble } from "../../../provider/fleet/report/assemble";
import { asHtml } from "../../../provider/fleet/report/html/page";
import type { FleetResource } from "../../../provider/fleet/resource";
import { record } from "../../unit/fleet/plan";

const chromium = [
  process.env["DAYTONA_IAC_CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path !== undefined && existsSync(path));
jest.setTimeout(120_000);

(chromium === undefined ? describe.skip : describe)(
  `the page of a drift report, in a browser${chromium === undefined ? " (no chromium here)" : ""}`,
  () => {
    let browser: Browser;
    let page: Page;
    let folder: string;
    const asked: string[] = [];
    const wrong: string[] = [];
    const now = Date.parse("2026-11-27T12:00:00Z");
    const one = (name: string, size: number | null, days: number): FleetResource => ({
      address: `daytona_snapshot.agent["${name}"]`,
      state: record(name, { size, createdAt: new Date(now - days * 86_400_000).toISOString() }),
      seen: record(name, { size, createdAt: new Date(now - days * 86_400_000).toISOString() }),
      planned: null,
      sensitive: [],
    });

    beforeAll(async () => {
      const idle = {
        ...one("idle", 2, 3),
        seen: record("idle", {
          state: "inactive",
          active: false,
          size: 2,
          createdAt: new Date(now - 3 * 86_400_000).toISOString(),
        }),
        since: "2026-11-26T12:00:00Z",
      };
      const gone = { ...one("gone", 9, 40), seen: null };
      const pending = {
        ...one("pending", 4, 10),
        planned: { action: "update" as const, inputs: { cpu: 8 }, before: { cpu: 1 } },
      };
      const hostile = one("</script><script>window.bad=1</script><img src=x onerror=window.bad=1>", null, 1);
      const report = assemble(
        [
          {
            kind: "terraform",
            name: "infra",
            apply: "terraform apply",
            resources: [one("b", 10, 1), one("a", 1, 100), idle, gone, pending, hostile],
            others: { drifted: 0, notApplied: 0 },
            notes: [],
          },
        ],
        { rules: [], unmanaged: [], generator: "daytona-iac", now },
      );
      folder = mkdtempSync(join(tmpdir(), "daytona-page-"));
      writeFileSync(join(folder, "report.html"), asHtml(report));
      browser = await puppeteer.launch({ executablePath: chromium!, args: ["--no-sandbox", "--disable-gpu"] });
      page = await browser.newPage();
      page.on("request", (request) => asked.push(request.url()));
      page.on("pageerror", (error) => wrong.push(String(error)));
      page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
      await page.goto(`file://${join(folder, "report.html")}`);
    });
    afterAll(async () => {
      await browser.close();
      rmSync(folder, { recursive: true });
    });

    const names = () =>
      page.$$eval("#fleet tbody tr", (rows) =>
        rows.filter((row) => !(row as any).hidden).map((row) => row.querySelector("b")!.textContent),
      );
    const sort = (title: string) =>
      page.evaluate(
        (text) =>
          ([...(globalThis as any).document.querySelectorAll("#fleet th button")] as any[])
            .find((it) => it.textContent === text)
            .click(),
        title,
      );

    test("shows the verdict, the states of the fleet and every snapshot, asks for nothing else, and runs nothing from a name", async () => {
      expect(await page.$eval("h1", (it) => [it.textContent, it.className])).toEqual([
        "2 of 6 snapshots have drifted, 1 unapplied change.",
        "drift",
      ]);
      expect(await page.$eval(".chart", (it) => it.getAttribute("aria-label"))).toBe(
        "States of the fleet: 4 active, 1 gone, 1 inactive",
      );
      expect(await names()).toHaveLength(6);
      expect(asked).toHaveLength(1);
      expect(await page.evaluate(() => (globalThis as any).bad)).toBeUndefined();
      expect(wrong).toEqual([]);
    });

    test("filters by text and status", async () => {
      await page.type("#filter", "IDLE inactive");
      expect([await names(), await page.$eval("#count", (it) => it.textContent)]).toEqual([
        ["idle"],
        "1 of 6 snapshots",
      ]);
      await page.$eval("#filter", (it) => {
        (it as any).value = "";
        it.dispatchEvent(new (globalThis as any).Event("input"));
      });
      await page.select("#status", "pending");
      expect(await names()).toEqual(["pending"]);
      await page.select("#status", "drift");
      expect((await names()).sort()).toEqual(["gone", "idle"]);
      await page.type("#filter", "nothing");
      expect([await names(), await page.$eval("#none", (it) => (it as any).hidden)]).toEqual([[], false]);
      await page.$eval("#filter", (it) => {
        (it as any).value = "";
        it.dispatchEvent(new (globalThis as any).Event("input"));
      });
      await page.select("#status", "");
    });

    test("sorts by every column, both ways, with what has no value last", async () => {
      await sort("Size");
      expect((await names()).slice(0, 5)).toEqual(["a", "idle", "pending", "gone", "b"]);
      await sort("Size");
      expect((await names()).slice(0, 5)).toEqual(["b", "gone", "pending", "idle", "a"]);
      expect(await page.$eval('#fleet th[aria-sort="descending"]', (it) => it.textContent)).toBe("Size");
      await sort("Age");
      expect((await names())[5]).toBe("a");
      await sort("Snapshot");
      expect((await names()).slice(1)).toEqual(["a", "b", "gone", "idle", "pending"]);
    });

    test("is readable in light and dark", async () => {
      const colors = async (scheme: string): Promise<string[]> => {
        await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        return page.evaluate(() => {
          const style = (globalThis as any).getComputedStyle((globalThis as any).document.body);
          return [style.backgroundColor, style.color];
        });
      };
      expect(await colors("light")).toEqual(["rgb(247, 248, 250)", "rgb(27, 31, 36)"]);
      expect(await colors("dark")).toEqual(["rgb(13, 17, 23)", "rgb(230, 237, 243)"]);
    });
  },
);
