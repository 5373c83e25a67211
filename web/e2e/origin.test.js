/** The page speaks to its own server and to nobody else. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { openChallenge } from "./support/act.js";
import { Stage } from "./support/stage.js";
import { everyView, NOT_FOUND_LOGGED } from "./support/views.js";

const stage = new Stage();

stage.test("a walk through all views asks nobody else for anything", async ({ page, watch }) => {
  watch.expect(NOT_FOUND_LOGGED);
  await everyView(page, async ({ name }) => {
    assert.deepEqual(
      watch.problems.filter(({ kind }) => kind === "origin"),
      [],
      name,
    );
  });
  for (const kind of [/\.js$/, /\.css$/, /\.woff2$/, /^ws:/, /\/api\//, /favicon\.svg$|manifest/]) {
    assert.ok(
      watch.requests.some((url) => kind.test(url)),
      `requests like ${kind} are watched`,
    );
  }
});

stage.test(
  "control: a foreign image is seen by the watch and refused by the policy",
  async ({ page, watch }) => {
    await withListener(async (address, asked) => {
      await page.goto("/");
      await page.evaluate(loadImage, `${address}/pixel.png`);
      await seen(watch, "policy", /img-src refused http:\/\/127/);
      assert.equal(asked(), 0, "the browser never got there");
      assert.ok(watch.problems.some(({ kind, text }) => kind === "origin" && text.startsWith(address)));
      assert.throws(() => {
        watch.assertClean();
      });
      watch.problems = [];
    });
  },
);

stage.test("control: without the policy the watch alone sees it", async ({ page, watch }) => {
  await withListener(async (address, asked) => {
    await page.evaluate(loadImage, `${address}/pixel.png`);
    await seen(watch, "origin", /pixel\.png/);
    assert.equal(asked(), 1, "this time it got there");
    watch.problems = [];
  });
});

stage.test("control: where the browser may go, a page still may not fetch", async ({ page, watch }) => {
  await withListener(async (address, asked) => {
    watch.allowVisits(address);
    await page.goto(address);
    assert.deepEqual(watch.problems, []);
    await page.evaluate(loadImage, `${address}/pixel.png`);
    await seen(watch, "origin", /pixel\.png/);
    assert.ok(asked() >= 2);
    watch.problems = [];
  });
});

stage.test(
  "control: a socket, a script and a style from elsewhere are refused, too",
  async ({ page, watch }) => {
    await withListener(async (address, asked) => {
      await openChallenge(page, "digital-root");
      await page.evaluate((url) => {
        void fetch(url).catch(() => undefined);
        new WebSocket(url.replace("http", "ws"));
        const script = Object.assign(document.createElement("script"), { src: `${url}/x.js` });
        const style = Object.assign(document.createElement("link"), {
          rel: "stylesheet",
          href: `${url}/x.css`,
        });
        document.head.append(script, style);
      }, address);
      for (const directive of [
        /^connect-src refused http/,
        /^connect-src refused ws/,
        /^script-src/,
        /^style-src/,
      ]) {
        await seen(watch, "policy", directive);
      }
      assert.equal(asked(), 0);
      watch.problems = [];
    });
  },
);

/**
 * Runs in the page; answers when the image has come or failed.
 * @param {string} url
 */
function loadImage(url) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = image.onerror = () => {
      resolve(undefined);
    };
    image.src = url;
  });
}

/**
 * @param {import("./support/watch.js").Watch} watch
 * @param {string} kind
 * @param {RegExp} pattern
 */
async function seen(watch, kind, pattern) {
  const found = () => watch.problems.some((one) => one.kind === kind && pattern.test(one.text));
  const patience = AbortSignal.timeout(5000);
  while (!found()) {
    assert.ok(!patience.aborted, `${kind} ${pattern} was not seen: ${JSON.stringify(watch.problems)}`);
    await new Promise(setImmediate);
  }
}

/**
 * Another origin on this machine, which counts who asks it.
 * @param {(address: string, asked: () => number) => Promise<void>} play
 */
async function withListener(play) {
  let count = 0;
  const listener = createServer((_request, response) => {
    count += 1;
    response.end();
  });
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (listener.address());
  try {
    await play(`http://127.0.0.1:${port}`, () => count);
  } finally {
    listener.closeAllConnections();
    listener.close();
  }
}
