/**
 * How long a seek takes in the player, and whether it stutters while it plays: `npm run measure:seek [entries] [seeks]`.
 *
 * Prints figures and judges nothing. A seek is timed from the click on the time line to the first moment after the next frame was
 * painted; `script` is the part of it until everything on the page has been changed. What follows once that frame is seen, such as the
 * list of events, is not part of it.
 */
import { signIn } from "./support/act.js";
import { launchBrowser } from "./support/browser.js";
import { anHour } from "./support/recording.js";
import { Server } from "./support/server.js";
import { DESKTOP } from "./support/stage.js";

const ENTRIES = Number(process.argv[2] ?? 40_000);
const SEEKS = Number(process.argv[3] ?? 300);
const PLAY_MS = 8_000;

const server = await Server.start();
const browser = await launchBrowser();
try {
  const context = await browser.newContext({ baseURL: server.url, viewport: DESKTOP });
  const page = await context.newPage();
  await signIn(page);
  const id = await brought(page, anHour(ENTRIES));
  const began = performance.now();
  await page.goto(`/sessions/${id}/replay`);
  await page.locator(".replay-view[data-loaded='true'] .cm-content").waitFor({ timeout: 120_000 });
  print("all loaded", [performance.now() - began]);
  await measured(page, "seek");
  await page.getByRole("button", { name: "Authorship" }).click();
  await measured(page, "seek, tinted by author");
  for (const speed of ["1×", "16×"]) {
    const { tasks, frames } = await profiled(page, () => played(page, speed));
    print(`played at ${speed}: frames apart`, frames);
    print(`played at ${speed}: tasks over 50 ms`, tasks);
  }
} finally {
  await browser.close();
  await server.stop();
}

/**
 * Brings a file in; answers the session's id.
 * @param {import("playwright-core").Page} page
 * @param {Buffer} buffer
 */
async function brought(page, buffer) {
  await page.goto("/sessions/import");
  const name = "hour.codementor";
  const mimeType = "application/octet-stream";
  await page.getByLabel("Recording", { exact: true }).setInputFiles({ name, mimeType, buffer });
  await page.waitForURL(/\/replay$/, { timeout: 120_000 });
  return new URL(page.url()).pathname.split("/")[2];
}

/**
 * Seeks to places all over the time line.
 * @param {import("playwright-core").Page} page
 * @param {string} what
 */
async function measured(page, what) {
  const cost = await profiled(page, () =>
    page.evaluate(async (seeks) => {
      const stage = /** @type {HTMLElement} */ (document.querySelector(".timeline .stage"));
      const box = stage.getBoundingClientRect();
      /** @type {{ script: number[], all: number[] }} */
      const found = { script: [], all: [] };
      const painted = () =>
        new Promise((resolve) => {
          requestAnimationFrame(() => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = resolve;
            port2.postMessage(null);
          });
        });
      for (let n = 0; n < seeks; n += 1) {
        // Places that repeat in every run and lie far from one another.
        const clientX = box.left + ((n * 0.618_034) % 1) * box.width;
        const place = {
          clientX,
          clientY: box.top + 5,
          button: 0,
          pointerId: 1,
          bubbles: true,
          cancelable: true,
        };
        stage.setPointerCapture = () => undefined;
        await painted();
        // Asked for first, so that nothing that waits for the same frame comes before it.
        const seen = painted();
        const start = performance.now();
        stage.dispatchEvent(new PointerEvent("pointerdown", place));
        await Promise.resolve();
        await Promise.resolve();
        found.script.push(performance.now() - start);
        await seen;
        found.all.push(performance.now() - start);
        stage.dispatchEvent(new PointerEvent("lostpointercapture", { pointerId: 1 }));
      }
      return found;
    }, SEEKS),
  );
  print(what, cost.all);
  print(`${what}: script`, cost.script);
}

/**
 * With `PROFILE` set, also prints which functions took the time.
 * @template T
 * @param {import("playwright-core").Page} page
 * @param {() => Promise<T>} act
 */
async function profiled(page, act) {
  if (!process.env["PROFILE"]) return act();
  const session = await page.context().newCDPSession(page);
  await session.send("Profiler.enable");
  await session.send("Profiler.start");
  const answer = await act();
  const { profile } = await session.send("Profiler.stop");
  /** @type {Map<string, number>} */
  const own = new Map();
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber, columnNumber } }) => [
      id,
      `${functionName || "(anonymous)"} ${url.split("/").at(-1) ?? ""}:${lineNumber}:${columnNumber}`,
    ]),
  );
  for (const [index, node] of (profile.samples ?? []).entries()) {
    const name = names.get(node) ?? "";
    own.set(name, (own.get(name) ?? 0) + (profile.timeDeltas?.[index] ?? 0) / 1000);
  }
  const top = Array.from(own).sort(([, a], [, b]) => b - a);
  for (const [name, ms] of top.slice(0, 30)) console.log(`  ${ms.toFixed(0).padStart(7)} ms ${name}`);
  return answer;
}

/**
 * Plays for a while, from the middle on.
 * @param {import("playwright-core").Page} page
 * @param {string} speed
 */
async function played(page, speed) {
  const stage = await page.locator(".timeline .stage").boundingBox();
  if (!stage) throw new Error("There is no time line.");
  await page.mouse.click(stage.x + stage.width / 2, stage.y + 5);
  await page.getByRole("button", { name: speed }).click();
  await page.getByRole("button", { name: "Play", exact: true }).click();
  const found = await page.evaluate(async (ms) => {
    /** @type {{ tasks: number[], frames: number[] }} */
    const found = { tasks: [], frames: [] };
    const observer = new PerformanceObserver((list) => {
      found.tasks.push(...list.getEntries().map(({ duration }) => duration));
    });
    observer.observe({ type: "longtask" });
    const start = performance.now();
    for (let last = start; last - start < ms;) {
      const now = await new Promise((resolve) => requestAnimationFrame(resolve));
      found.frames.push(now - last);
      last = now;
    }
    observer.disconnect();
    return found;
  }, PLAY_MS);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  return found;
}

/**
 * @param {string} what
 * @param {number[]} figures in milliseconds
 */
function print(what, figures) {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (/** @type {number} */ share) =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  console.log(`${what}: ${figures.length} · median ${at(0.5)} · p95 ${at(0.95)} · max ${at(1)} ms`);
}
