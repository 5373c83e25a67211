"use strict";
const fs = require("node:fs");
const vm = require("node:vm");
// The same as of "node:module", which takes a millisecond to load.
const { createRequire } = module.constructor;

// The learner may replace anything later on; what is needed after that is fetched now.
const { stringify, parse } = JSON;
const { writeSync, readFileSync, writeFileSync } = fs;
const { isArray } = Array;
const { keys } = Object;
const { isFinite: finite } = Number;
const exit = process.exit.bind(process);
const [mode, ...given] = process.argv.splice(2);
const name = mode === "function" ? given[0] : undefined;
process.argv[1] = "/box/solution.js";
if (mode === "program") process.argv.push(...given);

// Pipes are written without waiting, and what waits is lost at exit; so they are made to wait, when they are first used.
for (const stream of ["stdout", "stderr"]) {
  const property = Object.getOwnPropertyDescriptor(process, stream);
  let opened;
  const get = () => {
    if (!opened) {
      opened = property.get.call(process);
      opened._handle?.setBlocking?.(true);
    }
    return opened;
  };
  Object.defineProperty(process, stream, { ...property, get });
}

function answer(text) {
  const data = Buffer.from(text);
  for (let at = 0; at < data.length; ) at += writeSync(3, data, at);
}

function fail(kind, message) {
  answer(`{"error":${stringify(kind)},"message":${stringify(String(message).slice(0, 4000))}}`);
  exit(1);
}

function describe(error) {
  try {
    if (error instanceof Error || (error && error.stack && error.name)) {
      return error.message ? `${error.name}: ${error.message}` : String(error.name);
    }
    return `Uncaught ${typeof error === "string" ? stringify(error) : String(error)}`;
  } catch {
    return "Uncaught exception";
  }
}

/** The error's stack with the learner's frames only. */
function trace(error) {
  let stack;
  try {
    stack = String((error && error.stack) || "");
  } catch {
    stack = "";
  }
  const lines = stack.split("\n").filter((line) => !/^\s+at /.test(line) || line.includes("solution."));
  return lines.join("\n").replaceAll(/file:\/\/\/box\/\.tmp\/solution\.mjs|\/box\/solution\.js/g, "solution.js");
}

function crash(error) {
  const message = describe(error);
  const memory = message === "RangeError: Array buffer allocation failed";
  try {
    writeSync(2, (trace(error) || message) + "\n");
  } catch {}
  fail(memory ? "memory" : "exception", message);
}

function syntaxError(error) {
  const text = trace(error).trim() || describe(error);
  fail("compile", text);
}

/** JSON text of a value; what has none is refused in words. */
function encode(value, path) {
  if (value === null || value === undefined) return "null";
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "string":
      return stringify(value);
    case "bigint":
      return `${value}`;
    case "number":
      if (!finite(value)) throw new TypeError("NaN and Infinity have no JSON form");
      return Object.is(value, -0) ? "0" : `${value}`;
    case "object":
      break;
    default:
      throw new TypeError(`a ${typeof value} has no JSON form`);
  }
  if (path.has(value)) throw new TypeError("it contains itself");
  if (path.size >= 1000) throw new TypeError("it is nested too deeply");
  path.add(value);
  const text = encodeObject(value, path);
  path.delete(value);
  return text;
}

function encodeObject(value, path) {
  if (isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    let text = "[";
    for (let i = 0; i < value.length; i++) text += (i ? "," : "") + encode(value[i], path);
    return text + "]";
  }
  if (value instanceof Set || value instanceof WeakSet) throw new TypeError("a Set has no JSON form; return an array");
  if (value instanceof Number || value instanceof String || value instanceof Boolean) return encode(value.valueOf(), path);
  if (value instanceof Date) return encode(value.toJSON(), path);
  let entries;
  if (value instanceof Map) {
    entries = Array.from(value, ([key, item]) => [`${key}`, item]);
  } else {
    entries = keys(value).map((key) => [key, value[key]]).filter(([, item]) => item !== undefined);
  }
  let text = "{";
  for (let i = 0; i < entries.length; i++) {
    text += `${i ? "," : ""}${stringify(entries[i][0])}:${encode(entries[i][1], path)}`;
  }
  return text + "}";
}

const parameters = ["exports", "require", "module", "__filename", "__dirname"];
const isModule = (error) =>
  /Cannot use import statement|Unexpected token 'export'|import\.meta|await is only valid|Unexpected reserved word/.test(
    String(error && error.message),
  );

function compile(source, names) {
  return vm.compileFunction(source, names, { filename: "solution.js", importModuleDynamically: vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER });
}

function loadScript(script, source, module) {
  const require = createRequire("/box/solution.js");
  const taken = {};
  let call = script;
  if (name !== undefined) {
    // What a script declares is seen from within only.
    const suffix = `\n;__judge_take(typeof ${name} === "undefined" ? undefined : ${name});`;
    call = compile(source + suffix, [...parameters, "__judge_take"]);
  }
  call.call(module.exports, module.exports, require, module, "/box/solution.js", "/box", (value) => (taken.value = value));
  return taken.value ?? module.exports?.[name] ?? (typeof module.exports === "function" ? module.exports : undefined);
}

async function loadModule(source) {
  const path = "/box/.tmp/solution.mjs";
  writeFileSync(path, source);
  let namespace;
  try {
    namespace = await import(`file://${path}`);
  } catch (error) {
    const early = error instanceof SyntaxError && !/\n\s+at .*solution\.mjs/.test(String(error.stack).split("SyntaxError")[1] ?? "");
    return early ? syntaxError(error) : crash(error);
  }
  return namespace[name] ?? namespace.default?.[name] ?? (typeof namespace.default === "function" ? namespace.default : undefined);
}

async function main() {
  const source = readFileSync("/box/solution.js", "utf8").replace(/^\uFEFF/, "").replace(/^#!/, "//");
  process.setUncaughtExceptionCaptureCallback(crash);
  const module = { exports: {}, id: "solution.js", filename: "/box/solution.js", loaded: false };
  const values = mode === "function" ? parse(readFileSync(0, "utf8")) : undefined;
  let script;
  let found;
  try {
    // Without what is added to it later, so that a syntax error shows the learner's lines only.
    script = compile(source, parameters);
  } catch (error) {
    if (!isModule(error)) return syntaxError(error);
  }
  try {
    found = script ? loadScript(script, source, module) : await loadModule(source);
  } catch (error) {
    return crash(error);
  }
  if (mode === "program") return;
  if (typeof found !== "function") return fail("missing", "");
  let value;
  try {
    value = found(...values);
    if (value !== null && typeof value === "object" && typeof value.then === "function") value = await value;
  } catch (error) {
    return crash(error);
  }
  let text;
  try {
    text = `{"value":${encode(value, new Set())}}`;
  } catch (error) {
    return fail("value", error instanceof TypeError ? error.message : error instanceof RangeError ? "it is nested too deeply" : describe(error));
  }
  answer(text);
  exit();
}

main();
