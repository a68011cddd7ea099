// Looks at the pages for people in a real browser: /api/docs and /api/docs/problems.
//
// Every operation of the API document must be shown, "Try it out" must work, nothing may go wrong in the console, no
// other host may be asked, and a person who uses the keyboard or a screen reader must find their way (WCAG 2.1 AA).
// Screenshots are left in the folder that is given as the first argument.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, env } from "node:process";

import type axe from "axe-core";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const { SCHAKEL_URL, CHROMIUM = "/usr/bin/chromium" } = env;
const screenshots = argv[2];
assert(SCHAKEL_URL && screenshots, "usage: SCHAKEL_URL=http://… pages.ts FOLDER-FOR-SCREENSHOTS");

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
const faults: string[] = [];

/** A page on which everything that goes wrong is noted. */
async function open(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(`${path}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`${path}: ${error.message}`));
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${path}: ${response.status()} for ${response.url()}`);
  });
  const answer = await page.goto(`${SCHAKEL_URL}${path}`, { waitUntil: "networkidle" });
  assert.equal(answer?.status(), 200, path);
  assert.equal(await page.locator("html").getAttribute("lang"), "nl", `${path}: the language of the page`);
  return page;
}

/** Notes what the checker of accessibility finds. It runs beside the page, so the policy of the page stays as it is. */
async function accessible(page: Page, name: string): Promise<void> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (values) => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: { type: "tag", values } }),
    WCAG,
  );
  for (const { id, help, nodes } of violations) {
    const first = nodes[0];
    faults.push(`${name}: ${id}: ${help} (${nodes.length} times, first ${first?.html.slice(0, 200)}) ${first?.failureSummary?.replaceAll("\n", " ")}`);
  }
}

/** Walks the page with Tab and notes what takes the focus without showing it. */
async function focusIsVisible(page: Page, name: string, steps: number): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  let seen = 0;
  for (let step = 0; step < steps; step++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
      return { html: element.outerHTML.slice(0, 150), visible: outlined || boxShadow !== "none" };
    });
    if (!focused) break;
    seen += 1;
    if (!focused.visible) faults.push(`${name}: no visible focus on ${focused.html}`);
  }
  assert(seen > 0, `${name}: nothing takes the focus`);
}

async function docs(context: BrowserContext): Promise<void> {
  const page = await open(context, "/api/docs");
  const answer = await context.request.get(`${SCHAKEL_URL}/api/v1/openapi.json`);
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, { operationId: string }>> };
  const wanted = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  await page.locator(".opblock").first().waitFor();
  const shown = await page.locator(".opblock").evaluateAll((blocks) => blocks.map(({ id }) => id.split("-").at(-1)));
  assert.deepEqual(shown.sort(), wanted.sort(), "each operation is shown once");
  await page.screenshot({ path: join(screenshots!, "docs.png"), fullPage: true });
  await accessible(page, "/api/docs");
  await focusIsVisible(page, "/api/docs", 40);

  const block = page.locator('[id$="-listRegions"]');
  await block.locator(".opblock-summary-control").click();
  assert(page.url().endsWith("#/regions/listRegions"), "an open operation has an address of its own");
  await block.getByRole("button", { name: "Try it out" }).click();
  await accessible(page, "/api/docs with an operation open");
  await block.getByRole("button", { name: "Execute" }).click();
  const live = block.locator(".live-responses-table");
  await live.waitFor();
  assert.equal((await live.locator(".response-col_status").last().innerText()).trim().slice(0, 3), "200", "try it out");
  assert.match(await live.innerText(), /noord-veluwe/, "try it out shows the regions");
  await accessible(page, "/api/docs with an answer");
  await block.screenshot({ path: join(screenshots!, "try-it-out.png") });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.screenshot({ path: join(screenshots!, "docs-narrow.png") });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (overflow > 0) faults.push(`/api/docs: ${overflow} pixels wider than a telephone`);
}

async function problems(context: BrowserContext): Promise<void> {
  const page = await open(context, "/api/docs/problems");
  const refused = await context.request.get(`${SCHAKEL_URL}/api/v1/regions/none-of-that-name`);
  const { type } = (await refused.json()) as { type: string };
  assert.equal(await page.locator(`[id="${new URL(type).hash.slice(1)}"]`).count(), 1, `${type} is on the page`);
  assert((await page.locator('[lang="en"]').count()) > 10, "the English texts are marked as such");
  await page.screenshot({ path: join(screenshots!, "problems.png"), fullPage: true });
  await accessible(page, "/api/docs/problems");
  await focusIsVisible(page, "/api/docs/problems", 5);
  await page.setViewportSize({ width: 390, height: 844 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (overflow > 0) faults.push(`/api/docs/problems: ${overflow} pixels wider than a telephone`);
  await page.getByRole("link", { name: "Naar de documentatie" }).click();
  await page.waitForURL("**/api/docs");
}

const profile = mkdtempSync(join(tmpdir(), "schakel-browser-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: CHROMIUM,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // No other host has an address, so what works here works without a network.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
});
try {
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "data:" && origin !== SCHAKEL_URL) faults.push(`another host was asked: ${request.url()}`);
  });
  await docs(context);
  await problems(context);
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
assert.deepEqual(faults, []);
console.log("Browser: both pages shown whole, without other hosts, usable with a keyboard and a screen reader.");
