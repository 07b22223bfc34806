// Opens the pages in a browser and looks at what a person would meet.
import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, executablePath, folder] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const WIDTHS = [375, 1280, 1920];
const LARGEST = 5 * 1024 * 1024;
const url = (name) => pathToFileURL(join(folder, name)).href;

const browser = await puppeteer.launch({
  executablePath,
  // The pages are ours; a sandbox cannot be had in every container.
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});

/** A tab that notes everything that a page has no business doing. */
const open = async (name, { width = 1280, scheme = "light", script = true } = {}) => {
  const page = await browser.newPage();
  const noted = [];
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
  await page.setJavaScriptEnabled(script);
  page.on("dialog", (dialog) => {
    noted.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("console", (message) => noted.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => noted.push(`error: ${error.message}`));
  page.on("framenavigated", (frame) => {
    const at = frame.url().split("#")[0];
    if (at !== url(name) && at !== "about:blank") noted.push(`navigated: ${at}`);
  });
  await page.exposeFunction("noteViolation", (text) => noted.push(`policy: ${text}`));
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", (event) => {
      window.noteViolation(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (request.url().split("#")[0] === url(name)) return request.continue();
    noted.push(`request: ${request.url()}`);
    return request.abort();
  });
  await page.goto(url(name), { waitUntil: "load" });
  return { page, noted };
};

/** Does what a curious reader does: unfold, point, focus, type, sort, print. */
const explore = async (page) => {
  await page.evaluate(async () => {
    const all = (selector) => [...document.querySelectorAll(selector)];
    all("details").forEach((details) => { details.open = true; });
    for (const element of all("body *")) {
      for (const kind of ["mouseover", "mouseenter", "focus", "pointerdown"]) {
        element.dispatchEvent(new Event(kind, { bubbles: true }));
      }
    }
    all("main a[href^='#']").slice(0, 20).forEach((link) => link.click());
    all("thead button").forEach((button) => button.click());
    dispatchEvent(new Event("beforeprint"));
    await new Promise((done) => setTimeout(done, 300));
  });
};

const violationsOf = async (page) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map((violation) => ({
    grave: ["serious", "critical"].includes(violation.impact),
    text: `${violation.impact} ${violation.id}: ${violation.help} (${violation.nodes.length}, first ${violation.nodes[0].target})`,
  }));
};

const unfold = (page) => page.evaluate(() => {
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
});

const shot = async (page, name, options = {}) => {
  await page.screenshot({ path: join(folder, name), ...options });
};

// How it looks, and whether everybody can use it.
const looks = async (name, width, scheme) => {
  const { page, noted } = await open(`${name}.html`, { width, scheme });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert(overflow <= 0, `${width} px: ${overflow} px too wide`);
  await shot(page, `${name}-top-${width}-${scheme}.png`);
  await shot(page, `${name}-page-${width}-${scheme}.png`, { fullPage: true });
  const finding = await page.$(".finding");
  if (finding) await finding.screenshot({ path: join(folder, `${name}-finding-${width}-${scheme}.png`) });
  await unfold(page);
  const unfolded = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert(unfolded <= 0, `${width} px, unfolded: ${unfolded} px too wide`);
  const violations = await violationsOf(page);
  violations.forEach((violation) => console.log(`  axe, ${width} px ${scheme}: ${violation.text}`));
  assert(!violations.some((violation) => violation.grave), "a serious violation of accessibility");
  assert.deepEqual(noted, []);
  await page.close();
};

for (const name of ["demo", "backtest"]) {
  const size = statSync(join(folder, `${name}.html`)).size;
  assert(size <= LARGEST, `${name} has ${size} bytes`);
  for (const width of WIDTHS) {
    for (const scheme of ["light", "dark"]) await looks(name, width, scheme);
  }
}
console.log("looks: two pages, three widths, light and dark, nothing too wide, no serious violation");

// On paper everything is unfolded, with or without a script.
for (const script of [true, false]) {
  const { page } = await open("demo.html", { script });
  await page.emulateMediaType("print");
  await page.pdf({ path: join(folder, script ? "print.pdf" : "print-no-script.pdf"), format: "A4" });
  await shot(page, script ? "print.png" : "print-no-script.png", { clip: { x: 0, y: 0, width: 1280, height: 3600 } });
  const heights = await page.evaluate(() => [...document.querySelectorAll(".finding .body")].map((body) => body.getBoundingClientRect().height));
  assert(heights.length > 3 && heights.every((height) => height > 100), `on paper, ${script ? "with" : "without"} script: ${heights}`);
  await page.close();
}
console.log("paper: every finding unfolded");

// Without a script the same text is there.
{
  const { page, noted } = await open("demo.html", { script: false });
  const bare = await page.evaluate(() => document.querySelector("main").textContent.replace(/\s+/g, " "));
  const tools = await page.evaluate(() => [...document.querySelectorAll(".tools")].every((e) => getComputedStyle(e).display === "none"));
  assert(tools, "tools that only a script can serve are shown without one");
  await page.close();
  assert.deepEqual(noted, []);
  const { page: full } = await open("demo.html");
  const lines = await full.evaluate(() => [...document.querySelectorAll("td, dd, .sentence, pre, li p")].map((e) => e.textContent.replace(/\s+/g, " ").trim()));
  assert(lines.length > 300);
  for (const line of lines) assert(bare.includes(line), `missing without a script: ${line}`);
  await full.close();
}
console.log("no script: nothing missing");

// With it, tables are sorted and filtered, and findings unfolded.
{
  const { page, noted } = await open("demo.html");
  const names = () => page.evaluate(() => [...document.querySelectorAll("#index tbody tr:not([hidden]) th a")].map((a) => a.textContent));
  const before = await names();
  await page.click("#index thead th:nth-child(1) button");
  assert.deepEqual(await names(), before, "ranked already");
  await page.click("#index thead th:nth-child(1) button");
  assert.deepEqual(await names(), before.toReversed());
  await page.type("#filter", before[0]);
  assert((await names()).length < before.length && (await names()).includes(before[0]));
  const shown = await page.evaluate(() => document.querySelectorAll(".finding:not([hidden])").length);
  assert.equal(shown, (await names()).length);
  await page.evaluate(() => { document.getElementById("filter").value = ""; });
  await page.select("#level", "3");
  const badges = await page.evaluate(() => [...document.querySelectorAll("#index tbody tr:not([hidden]) .badge")].map((b) => b.textContent));
  assert(badges.length > 0 && badges.every((badge) => ["high", "critical"].includes(badge)), badges);
  await page.select("#level", "0");
  await page.click("#unfold");
  assert(await page.evaluate(() => [...document.querySelectorAll(".finding > details")].every((d) => d.open)));
  await page.click("#fold");
  assert(await page.evaluate(() => [...document.querySelectorAll(".finding > details")].every((d) => !d.open)));
  await page.click("#index tbody tr:nth-child(2) th a");
  await page.waitForFunction(() => document.querySelectorAll(".finding > details[open]").length === 1);
  assert.deepEqual(noted, []);
  await page.close();
}
console.log("script: sorts, filters, folds, follows links");

// Hostile logs: no dialog, no request, no violation; and what was written shows.
for (const script of [true, false]) {
  const { page, noted } = await open("hostile.html", { script });
  if (script) await explore(page);
  await shot(page, script ? "hostile.png" : "hostile-no-script.png");
  assert.deepEqual(noted, []);
  const { text, foreign } = await page.evaluate(() => ({
    text: document.body.textContent,
    foreign: document.querySelectorAll("main :is(img, iframe, object, embed, form, link, meta, base, style, script, video, math)").length,
  }));
  assert(text.includes("<script>alert(1)</script>"), "the attacks are not in the page");
  assert.equal(foreign, 0);
  await page.close();
}
console.log("hostile logs: no dialog, no request, no violation");

// The check itself can fail: one attack let through is noticed.
{
  const page = readFileSync(join(folder, "hostile.html"), "utf8");
  const attack = "<script>alert(1)</script><img src=http://evil.example/i><iframe src=http://evil.example/f></iframe>";
  writeFileSync(join(folder, "broken.html"), page.replace("<main id=\"main\">", `<main id="main">${attack}`));
  const { page: broken, noted } = await open("broken.html");
  await broken.evaluate(() => new Promise((done) => setTimeout(done, 300)));
  assert(noted.filter((note) => note.startsWith("policy:")).length >= 2, `a hole was not noticed: ${noted}`);
  assert(!noted.some((note) => note.startsWith("dialog:")), "the policy let a script run");
  await broken.close();
}
console.log("the policy stops what an encoder would let through, and that is noticed");

await browser.close();
