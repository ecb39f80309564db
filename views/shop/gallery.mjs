// Shows the gallery to people and to axe: node views/shop/gallery.mjs DIR [--only REGEXP] [--langs en,ru] [--quick] [--shots]
// DIR is where `go test ./views/shop -run Gallery -gallery DIR` wrote the pages. Every page is opened at 320 and 1280, light and dark, and held to:
// nothing found by axe, no sideways scroll (also with text of twice the size), no message on the console, no target under 44 pixels, under 100 KB compressed. --shots keeps
// pictures at 360 and 1280 in DIR/shots; --quick looks at one width and theme only.
import { createServer } from "node:http";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const args = process.argv.slice(2), dir = args[0];
const value = (name, otherwise) => (args.includes(name) ? args[args.indexOf(name) + 1] : otherwise);
const only = new RegExp(value("--only", "")), langs = value("--langs", "en,es,ru").split(",");
const shots = args.includes("--shots"), quick = args.includes("--quick");
const types = { css: "text/css", js: "text/javascript", svg: "image/svg+xml", html: "text/html; charset=utf-8" };
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self' https://coinsbar.net; base-uri 'none'; frame-ancestors 'none'";

const file = (path) => {
  if (path.startsWith("/static/")) {
    const plain = path.slice(8).replace(/\.[0-9a-f]{12}(\.\w+)$/, "$1");
    return [`static/dist/${plain}`, `static/${plain}`].find((f) => existsSync(f));
  }
  return existsSync(dir + path) ? dir + path : null;
};
const server = createServer((request, answer) => {
  const path = new URL(request.url, "http://x").pathname, found = file(path);
  if (path.endsWith("/events")) { answer.writeHead(200, { "Content-Type": "text/event-stream" }); answer.write(": hello\n\n"); return; }
  if (path.endsWith("/status")) { answer.writeHead(200, { "Content-Type": "application/json" }); answer.end("{}"); return; }
  if (!found) { answer.writeHead(204); answer.end(); return; }
  answer.writeHead(200, { "Content-Type": types[found.split(".").pop()] || "text/plain", ...(path.startsWith("/mail-") ? {} : { "Content-Security-Policy": csp }) }); // a letter brings its sheet along
  answer.end(readFileSync(found));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}`;
const axe = readFileSync("node_modules/axe-core/axe.min.js", "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const names = readdirSync(dir).filter((n) => n.endsWith(".html") && only.test(n) && langs.some((l) => n.endsWith(`.${l}.html`)));
if (shots) mkdirSync(`${dir}/shots`, { recursive: true });

const found = new Map();
const tell = (what, where) => found.set(what, [...(found.get(what) || []), where]);
for (const theme of quick ? ["light"] : ["light", "dark"]) for (const width of quick ? [360] : [320, 1280]) {
  const context = await browser.newContext({ viewport: { width, height: width > 1000 ? 900 : 740 }, colorScheme: theme, bypassCSP: false, deviceScaleFactor: 1 });
  const page = await context.newPage();
  let where = "";
  page.on("console", (m) => tell(`console: ${m.text()}`, where));
  page.on("pageerror", (e) => tell(`script: ${e.message}`, where));
  for (const name of names) {
    where = `${name} ${width} ${theme}`;
    await page.goto(`${base}/${name}`, { waitUntil: "load" });
    if (width < 1000) await page.evaluate(() => document.querySelectorAll("details.more-choices, details.fold").forEach((d) => { d.open = true; }));
    const seen = await page.evaluate(() => {
      const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
      const small = [...document.querySelectorAll("a, button, summary, input:not([type=hidden])")].filter((e) => e.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true }) && !e.closest(".sr-only")).map((e) => [e, (e.closest("label") || e).getBoundingClientRect()])
        .filter(([e, r]) => r.width > 2 && (r.height < 43.5 || r.width < 43.5) && getComputedStyle(e).display !== "inline").map(([e, r]) => `${e.tagName} ${e.textContent.trim().slice(0, 20) || e.name || e.ariaLabel} ${Math.round(r.width)}x${Math.round(r.height)}`);
      const over = [...document.querySelectorAll("main *")].filter((e) => { const r = e.getBoundingClientRect(); return r.width > 2 && r.right > document.documentElement.clientWidth + 1 && !e.closest(".sr-only"); }).slice(0, 2).map((e) => e.outerHTML.slice(0, 80));
      return { wide, small, over };
    });
    if (seen.wide) tell("scrolls sideways", `${where} ${seen.over}`);
    if (width < 1000 && theme === "light") {
      const large = await page.evaluate(async () => {
        const root = document.documentElement, frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        root.style.fontSize = "200%"; await frame();
        const bar = document.querySelector(".paybar"), wide = root.scrollWidth > root.clientWidth;
        const covers = bar && getComputedStyle(bar).position === "sticky" && bar.offsetHeight > innerHeight * 0.3;
        root.style.fontSize = ""; await frame();
        return { wide, covers };
      });
      if (large.wide) tell("scrolls sideways with text of twice the size", where);
      if (large.covers) tell("the bar covers too much of the window", where);
    }
    seen.small.forEach((s) => tell(`small target: ${s}`, where));
    await page.evaluate(axe);
    const result = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    for (const v of result.violations) tell(`axe ${v.id}: ${v.help} ${v.nodes.slice(0, 2).map((n) => n.html.slice(0, 160) + " " + (n.any[0]?.message || "")).join(" | ")}`, where);
  }
  await context.close();
}
if (shots) for (const theme of quick ? ["light"] : ["light", "dark"]) for (const width of [360, 1280]) {
  const context = await browser.newContext({ viewport: { width, height: width > 1000 ? 900 : 740 }, colorScheme: theme });
  for (const name of names) {
    const page = await context.newPage();
    await page.goto(`${base}/${name}`, { waitUntil: "load" });
    await page.screenshot({ path: `${dir}/shots/${name.replace(".html", "")}-${width}-${theme}.png`, fullPage: true });
    await page.close();
  }
  await context.close();
}
for (const name of names) {
  const html = readFileSync(`${dir}/${name}`, "utf8");
  const parts = [...new Set([...html.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map((m) => m[1]))];
  const size = [Buffer.from(html), ...parts.map((p) => readFileSync(file(p)))].reduce((sum, b) => sum + gzipSync(b).length, 0);
  if (size > 100 * 1024 || parts.length > 19) tell(`heavy: ${Math.round(size / 1024)} KB, ${parts.length + 1} requests`, name);
}
await browser.close();
server.close();
server.closeAllConnections();
for (const [what, where] of found) console.log(`${what}\n   ${where.length} × ${where.slice(0, 3).join(", ")}`);
console.log(`${names.length} pages, ${found.size} kinds of findings`);
process.exit(found.size ? 1 : 0);
