"use strict";
// Runs a file of tests on the learner's file in a box, and tells of each test on descriptor 3. It knows `describe`, `test`, `it` and
// `expect` as Jest has them; tests that are marked to be skipped are run. Every line begins with a word that came on standard input.
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");
// The same as of "node:module", which takes a millisecond to load.
const { createRequire } = module.constructor;
const { inspect } = require("node:util");
const { expect, fn, spyOn, Failure, values } = require("./expect.cjs");

// The learner may replace anything later on; what is needed after that is fetched now.
const { stringify } = JSON;
const { writeSync, readFileSync, existsSync } = fs;
const exit = process.exit.bind(process);
const now = process.hrtime.bigint;
const LONGEST = 4000;
const OUTPUT = 2000;
const asked = JSON.parse(readFileSync(0, "utf8"));
const word = asked.word;
delete asked.word;
process.argv.splice(1, process.argv.length, `/box/${asked.tests}`);

function tell(event, fields) {
  const data = Buffer.from(`${word}${stringify({ event, ...fields })}\n`);
  for (let at = 0; at < data.length; ) at += writeSync(3, data, at);
}

/** A group of tests. */
const top = { name: "", parent: null, before: [], after: [], beforeAll: [], afterAll: [], items: [] };
let open = top;

function describe(name, body) {
  const group = { name: String(name), parent: open, before: [], after: [], beforeAll: [], afterAll: [], items: [] };
  open.items.push({ group });
  open = group;
  try {
    const made = body();
    if (made && typeof made.then === "function") throw new TypeError("describe cannot wait for a promise");
  } finally {
    open = group.parent;
  }
}

function test(name, body) {
  if (typeof body !== "function") throw new TypeError(`the test ${name} has no function`);
  open.items.push({ test: { name: String(name), body } });
}

/** `%s` and the like, and `$name` of a row that is an object. */
function described(name, row, at) {
  const rest = Array.isArray(row) ? [...row] : [row];
  const shown = String(name).replace(/%([sdifjop#%])/g, (whole, kind) => {
    if (kind === "%") return "%";
    if (kind === "#") return String(at);
    if (rest.length === 0) return whole;
    const value = rest.shift();
    return kind === "s" ? String(value) : kind === "j" ? stringify(value) : kind === "p" || kind === "o" ? inspect(value) : String(Number(value));
  });
  if (row === null || typeof row !== "object" || Array.isArray(row)) return shown;
  return shown.replace(/\$(\w+)/g, (whole, key) => (key in row ? (typeof row[key] === "string" ? row[key] : inspect(row[key])) : whole));
}

function each(define) {
  return (table, ...inserted) => {
    let rows = table;
    if (table && table.raw) {
      const keys = table[0].trim().split("|").map((key) => key.trim());
      rows = [];
      for (let at = 0; at < inserted.length; at += keys.length) {
        rows.push(Object.fromEntries(keys.map((key, column) => [key, inserted[at + column]])));
      }
    }
    return (name, body) =>
      rows.forEach((row, at) => define(described(name, row, at), (...more) => body(...(Array.isArray(row) ? row : [row]), ...more)));
  };
}

// Marked to be skipped or to be the only ones: all are run.
const named = (define) => Object.assign(define, { skip: define, only: define, each: each(define), todo: () => {}, failing: define, concurrent: define });
named(describe);
named(test);
const hook = (list) => (body) => open[list].push(body);
const exported = {
  describe, test, expect, it: test, xtest: test, xit: test, fit: test, xdescribe: describe, fdescribe: describe,
  beforeEach: hook("before"), afterEach: hook("after"), beforeAll: hook("beforeAll"), afterAll: hook("afterAll"),
  jest: { fn, spyOn, setTimeout: () => {}, clearAllMocks: () => {}, restoreAllMocks: () => {}, resetAllMocks: () => {} },
};

const solution = `/box/${asked.solution}`;
const loaded = new Map();

function found(specifier, from) {
  if (/^(node:)/.test(specifier) || !/^[./]/.test(specifier)) return specifier;
  const base = path.resolve(path.dirname(from), specifier);
  return [base, `${base}.js`, `${base}.mjs`, `${base}.cjs`, `${base}/index.js`].find((file) => existsSync(file) && fs.statSync(file).isFile()) ?? base;
}

function synthetic(identifier, exports) {
  const names = [...new Set(["default", ...Object.keys(exports).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name))])];
  return new vm.SyntheticModule(names, function () {
    for (const name of names) this.setExport(name, name === "default" ? (exports.default ?? exports) : exports[name]);
  }, { identifier });
}

const isLibrary = (specifier) => specifier === "@jest/globals" || specifier === "vitest";

/** The module of a file or of a library, loaded once. */
function moduleOf(specifier, from) {
  const where = found(specifier, from);
  if (loaded.has(where)) return loaded.get(where);
  let module;
  if (isLibrary(specifier)) module = synthetic(where, { ...exported, vi: exported.jest });
  else if (!where.startsWith("/")) module = synthetic(where, require(where));
  else module = fileModule(where);
  loaded.set(where, module);
  return module;
}

function fileModule(where) {
  const source = readFileSync(where, "utf8").replace(/^\uFEFF/, "").replace(/^#!/, "//");
  if (where.endsWith(".json")) return synthetic(where, { default: JSON.parse(source) });
  try {
    const module = new vm.SourceTextModule(source, {
      identifier: where,
      initializeImportMeta: (meta) => (meta.url = `file://${where}`),
      importModuleDynamically: async (specifier) => ready(moduleOf(specifier, where)),
    });
    // A script is a module as well, but for these.
    if (!/\b(module\.exports|exports\.|require\s*\()/.test(source) || module.dependencySpecifiers?.length || /^\s*export\b/m.test(source)) return module;
  } catch (error) {
    if (where === solution || where === `/box/${asked.tests}`) throw error;
  }
  return synthetic(where, script(where, source));
}

function script(where, source) {
  const module = { exports: {}, id: where, filename: where, loaded: false };
  const builtin = createRequire(where);
  const require = (specifier) => {
    if (isLibrary(specifier)) return exported;
    const file = found(specifier, where);
    if (!file.startsWith("/")) return builtin(specifier);
    if (!scripts.has(file)) script(file, readFileSync(file, "utf8"));
    return scripts.get(file).exports;
  };
  scripts.set(where, module);
  const call = vm.compileFunction(source, ["exports", "require", "module", "__filename", "__dirname"], { filename: where });
  call.call(module.exports, module.exports, require, module, where, "/box");
  return module.exports;
}
const scripts = new Map();

async function ready(module) {
  if (module.status === "unlinked") await module.link((specifier, from) => moduleOf(specifier, from.identifier));
  if (module.status === "linked") await module.evaluate();
  if (module.status === "errored") throw module.error;
  return module;
}

function words(error) {
  try {
    if (error instanceof Error) return `${error instanceof Failure ? "" : `${error.name}: `}${error.message}`.slice(0, LONGEST);
    return `Uncaught ${inspect(error)}`.slice(0, LONGEST);
  } catch {
    return "Uncaught exception";
  }
}

/** The error's stack with the frames of the learner's and the tests' files only. */
function trace(error) {
  const lines = String(error?.stack ?? error).split("\n");
  return lines.filter((line) => !/^\s+at /.test(line) || line.includes("/box/")).join("\n").replaceAll(/(file:\/\/)?\/box\//g, "").slice(0, LONGEST);
}

function show(error) {
  try {
    writeSync(2, `${trace(error)}\n`);
  } catch {}
}

const code = (body) => Function.prototype.toString.call(body).slice(0, LONGEST);

/** Calls what may wait by a promise or by a `done` function. */
function call(body) {
  if (body.length === 0) return body();
  return new Promise((resolve, reject) => {
    const done = (error) => (error === undefined ? resolve() : reject(error instanceof Error ? error : new Failure(inspect(error))));
    done.fail = reject;
    Promise.resolve(body(done)).catch(reject);
  });
}

const chain = (group, list) => (group ? [...chain(group.parent, list), ...group[list]] : []);
let output = "";
let loose;

async function runTest(group, test, first) {
  const names = [];
  for (let at = group; at?.parent; at = at.parent) names.unshift(at.name);
  tell("begin", { name: [...names, test.name].join(" > ").slice(0, 200), code: code(test.body) });
  output = "";
  loose = undefined;
  let problem;
  const started = now();
  try {
    for (const body of first) await call(body);
    for (const body of chain(group, "before")) await call(body);
    await call(test.body);
  } catch (error) {
    problem = { error };
  }
  try {
    for (const body of chain(group, "after").reverse()) await call(body);
  } catch (error) {
    problem ??= { error };
  }
  // What was thrown into the void counts as well; it is told in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve));
  problem ??= loose;
  if (!problem && !values()) problem = { error: new Failure("the tests' own tools were changed") };
  const failed = problem?.error instanceof Failure || problem?.error?.code === "ERR_ASSERTION";
  const ms = Number(now() - started) / 1e6;
  tell("end", { ok: !problem, failed, message: problem ? words(problem.error) : "", output, ms });
  if (problem && !failed) show(problem.error);
}

async function runGroup(group, outer) {
  // Once, with the first test that is run.
  const first = [...outer, ...group.beforeAll];
  for (const item of group.items) {
    if (item.group) await runGroup(item.group, first.splice(0));
    else await runTest(group, item.test, first.splice(0));
  }
  for (const body of group.afterAll) await call(body);
}

function watch() {
  const keep = (error) => (loose ??= { error });
  process.on("unhandledRejection", keep);
  process.on("uncaughtException", keep);
  for (const name of ["stdout", "stderr"]) {
    const stream = process[name];
    stream._handle?.setBlocking?.(true);
    const write = stream.write.bind(stream);
    stream.write = (part, ...rest) => {
      if (name === "stdout" && output.length < OUTPUT) output += String(part).slice(0, OUTPUT - output.length);
      return name === "stdout" ? true : write(part, ...rest);
    };
  }
}

async function main() {
  watch();
  Object.assign(globalThis, exported);
  let module;
  try {
    module = moduleOf(`./${asked.solution}`, "/box/x");
  } catch (error) {
    if (error instanceof SyntaxError) {
      tell("compile", { message: trace(error) });
      exit(1);
    }
    throw error;
  }
  loaded.set(solution, module);
  await ready(moduleOf(`./${asked.tests}`, "/box/x"));
  if (loose) throw loose.error;
  await runGroup(top, []);
  tell("done", {});
  exit(0);
}

main().catch((error) => {
  tell("broken", { message: words(error) });
  show(error);
  exit(1);
});
