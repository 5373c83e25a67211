// Calls the learner's function where nothing but standard input and output is to be had. The first line of standard input is a
// marker, the rest the arguments as JSON. The answer stands behind the marker, at the very end of standard output.
(function (require, found, source, name) {
  "use strict";
  const fs = require("fs");
  const vm = require("vm");
  const process = require("process");
  // The learner may replace anything later on; what is needed after that is fetched now.
  const { stringify, parse } = JSON;
  const { writeSync, readFileSync, writeFileSync } = fs;
  const { isArray } = Array;
  const { keys } = Object;
  const { isFinite: finite } = Number;
  const exit = process.exit.bind(process);

  const input = readFileSync(0, "utf8");
  const end = input.indexOf("\n");
  const before = "\n" + input.slice(0, end);
  const values = parse(input.slice(end + 1));

  function put(descriptor, text) {
    const data = Buffer.from(text);
    for (let at = 0; at < data.length; ) {
      try {
        at += writeSync(descriptor, data, at);
      } catch (error) {
        if (error.code !== "EAGAIN") throw error;
      }
    }
  }

  function answer(text, code) {
    put(1, before + text);
    exit(code);
  }

  function fail(kind, message) {
    answer(`{"error":${stringify(kind)},"message":${stringify(String(message).slice(0, 4000))}}`, 1);
  }

  function describe(error) {
    try {
      if (error instanceof Error || (error && error.stack && error.name)) {
        return error.message ? `${error.name}: ${error.message}` : String(error.name);
      }
      return `Uncaught ${typeof error === "string" ? stringify(error) : String(error)}`;
    } catch (_) {
      return "Uncaught exception";
    }
  }

  function trace(error) {
    let stack = "";
    try {
      stack = String((error && error.stack) || "");
    } catch (_) {}
    return stack.split("\n").filter((line) => !/^\s+at /.test(line) || line.includes("solution.")).join("\n");
  }

  function crash(error) {
    const message = describe(error);
    try {
      put(2, (trace(error) || message) + "\n");
    } catch (_) {}
    fail(message === "RangeError: Array buffer allocation failed" ? "memory" : "exception", message);
  }

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
    const entries =
      value instanceof Map
        ? Array.from(value, ([key, item]) => [`${key}`, item])
        : keys(value).map((key) => [key, value[key]]).filter(([, item]) => item !== undefined);
    return `{${entries.map(([key, item]) => `${stringify(key)}:${encode(item, path)}`).join(",")}}`;
  }

  const parameters = ["exports", "require", "module", "__filename", "__dirname"];

  function compile(text, names) {
    const loader = vm.constants && vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    return vm.compileFunction(text, names, { filename: "solution.js", importModuleDynamically: loader });
  }

  function load() {
    let call = compile(source, parameters);
    const module = { exports: {}, id: "solution.js", filename: "solution.js", loaded: false };
    const taken = {};
    // What a script declares is seen from within only.
    const suffix = `\n;__judge_take(typeof ${name} === "undefined" ? undefined : ${name});`;
    call = compile(source + suffix, [...parameters, "__judge_take"]);
    return () => {
      call.call(module.exports, module.exports, require, module, "solution.js", ".", (value) => (taken.value = value));
      return of(taken.value, module.exports);
    };
  }

  function of(value, exported) {
    if (value !== undefined && value !== null) return value;
    if (exported && exported[name]) return exported[name];
    return typeof exported === "function" ? exported : undefined;
  }

  async function loadModule() {
    let path = "./solution.mjs";
    try {
      writeFileSync(path, source);
    } catch (_) {
      path = require("path").join(require("os").tmpdir(), "solution.mjs");
      writeFileSync(path, source);
    }
    const url = require("url").pathToFileURL(path).href;
    let namespace;
    try {
      namespace = await import(url);
    } catch (error) {
      const early = error instanceof SyntaxError && !/\n\s+at .*solution\.mjs/.test(String(error.stack).split("SyntaxError")[1] || "");
      return early ? fail("compile", trace(error).trim() || describe(error)) : crash(error);
    }
    return of(namespace[name], namespace.default);
  }

  const isModule = (error) =>
    /Cannot use import statement|Unexpected token 'export'|import\.meta|await is only valid|Unexpected reserved word/.test(
      String(error && error.message),
    );

  async function main() {
    // Whoever started this file may have set one.
    process.setUncaughtExceptionCaptureCallback(null);
    process.setUncaughtExceptionCaptureCallback(crash);
    let start;
    if (source !== null) {
      source = source.replace(/^\uFEFF/, "").replace(/^#!/, "//");
      try {
        start = load();
      } catch (error) {
        if (!isModule(error)) return fail("compile", trace(error).trim() || describe(error));
      }
    }
    try {
      if (start) found = start();
      else if (source !== null) found = await loadModule();
    } catch (error) {
      return crash(error);
    }
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
    answer(text, 0);
  }

  main();
})(require, __FOUND__, __SOURCE__, __NAME__);
