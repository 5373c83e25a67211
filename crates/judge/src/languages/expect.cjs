"use strict";
// `expect` as Jest has it, with the matchers that work on values. <https://jestjs.io/docs/expect>
const { inspect, isDeepStrictEqual } = require("node:util");

/** What a matcher throws. */
class Failure extends Error {}

// The learner may replace anything later on; what decides is fetched now, and looked at again after each test.
const kept = [Object, Array, Map, Set, JSON, Number, String, RegExp, Reflect].flatMap((owner) => [owner, owner.prototype].filter(Boolean));
const snapshot = (owner) => Reflect.ownKeys(owner).map((key) => [key, Object.getOwnPropertyDescriptor(owner, key)?.value]);
const before = kept.map((owner) => [owner, snapshot(owner)]);
const { is, keys: keysOf, getPrototypeOf, getOwnPropertyDescriptor, hasOwn } = Object;
const { isArray, from } = Array;

/** Whether what decides is as it was. What was added harms nobody. */
function values() {
  for (let i = 0; i < before.length; i++) {
    const [owner, properties] = before[i];
    for (let k = 0; k < properties.length; k++) {
      if (!is(getOwnPropertyDescriptor(owner, properties[k][0])?.value, properties[k][1])) return false;
    }
  }
  return true;
}

const show = (value) => inspect(value, { depth: 4, maxArrayLength: 60, maxStringLength: 1000, breakLength: 100 });

/** One that decides itself what equals it. */
class Asymmetric {
  constructor(words, fits) {
    this.words = words;
    this.fits = fits;
  }
  [inspect.custom]() {
    return this.words;
  }
}

const LOOSE = "loose";
const STRICT = "strict";
const PART = "part";

/** Loose: properties that are undefined do not count, nor do types. Part: nor do those that are not expected. */
function equals(actual, expected, how, seen = []) {
  if (expected instanceof Asymmetric) return expected.fits(actual);
  if (actual instanceof Asymmetric) return actual.fits(expected);
  if (is(actual, expected)) return true;
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null) return false;
  if (seen.some(([a, b]) => a === actual && b === expected)) return true;
  const inner = [...seen, [actual, expected]];
  const same = (a, b) => equals(a, b, how, inner);
  if (how === STRICT && getPrototypeOf(actual) !== getPrototypeOf(expected)) return false;
  if (actual instanceof Error && expected instanceof Error) return actual.message === expected.message;
  if (actual instanceof Date || expected instanceof Date) {
    return actual instanceof Date && expected instanceof Date && is(+actual, +expected);
  }
  if (actual instanceof RegExp || expected instanceof RegExp) return String(actual) === String(expected);
  for (const kind of [Number, String, Boolean]) {
    if (actual instanceof kind || expected instanceof kind) return isDeepStrictEqual(actual, expected);
  }
  if (isArray(actual) !== isArray(expected) || ArrayBuffer.isView(actual) !== ArrayBuffer.isView(expected)) return false;
  if (isArray(actual) || ArrayBuffer.isView(actual)) {
    return actual.length === expected.length && from(expected, (item, at) => same(actual[at], item)).every(Boolean);
  }
  if (actual instanceof Set || expected instanceof Set) return sameItems(actual, expected, Set, same);
  if (actual instanceof Map || expected instanceof Map) return sameItems(actual, expected, Map, same);
  if (how !== PART && typeof actual[Symbol.iterator] === "function" && typeof expected[Symbol.iterator] === "function") {
    const [a, b] = [[...actual], [...expected]];
    return a.length === b.length && a.every((item, at) => same(item, b[at]));
  }
  return sameProperties(actual, expected, how, same);
}

function sameItems(actual, expected, kind, same) {
  if (!(actual instanceof kind) || !(expected instanceof kind) || actual.size !== expected.size) return false;
  const left = [...expected];
  return [...actual].every((item) => {
    const at = left.findIndex((other) => same(item, other));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}

function sameProperties(actual, expected, how, same) {
  const counts = (owner) => (key) => how === STRICT || owner[key] !== undefined;
  const wanted = how === PART ? keysOf(expected) : keysOf(expected).filter(counts(expected));
  const there = keysOf(actual).filter(counts(actual));
  if (how !== PART && there.length !== wanted.length) return false;
  const has = (key) => (how === PART ? key in actual : hasOwn(actual, key) || (how === LOOSE && actual[key] !== undefined));
  return wanted.every((key) => has(key) && same(actual[key], expected[key]));
}

function thrown(error, expected) {
  if (expected === undefined) return true;
  if (expected instanceof Asymmetric) return expected.fits(error);
  const message = String(error?.message ?? error);
  if (typeof expected === "string") return message.includes(expected);
  if (expected instanceof RegExp) return expected.test(message);
  if (typeof expected === "function") return error instanceof expected;
  return message === expected?.message;
}

function at(value, path) {
  const parts = isArray(path) ? path : String(path).replace(/\[(\w+)\]/g, ".$1").split(".").filter(Boolean);
  for (const part of parts) {
    if (value === null || value === undefined || !(part in Object(value))) return { found: false };
    value = value[part];
  }
  return { found: true, value };
}

const calls = (mock) => {
  if (!mock?.mock) throw new TypeError("not a mock function");
  return mock.mock.calls;
};
const includes = (all, item) => (typeof all === "string" ? all.includes(item) : [...all].some((other) => is(other, item) || other === item));

/** Each tells whether it holds, and what it wants in words. */
const matchers = {
  toBe: (a, b) => [is(a, b), `to be ${show(b)}`],
  toEqual: (a, b) => [equals(a, b, LOOSE), `to equal ${show(b)}`],
  toStrictEqual: (a, b) => [equals(a, b, STRICT), `to strictly equal ${show(b)}`],
  toMatchObject: (a, b) => [equals(a, b, PART), `to match ${show(b)}`],
  toBeNull: (a) => [a === null, "to be null"],
  toBeUndefined: (a) => [a === undefined, "to be undefined"],
  toBeDefined: (a) => [a !== undefined, "to be defined"],
  toBeTruthy: (a) => [!!a, "to be truthy"],
  toBeFalsy: (a) => [!a, "to be falsy"],
  toBeNaN: (a) => [Number.isNaN(a), "to be NaN"],
  toBeGreaterThan: (a, b) => [a > b, `to be greater than ${show(b)}`],
  toBeGreaterThanOrEqual: (a, b) => [a >= b, `to be at least ${show(b)}`],
  toBeLessThan: (a, b) => [a < b, `to be less than ${show(b)}`],
  toBeLessThanOrEqual: (a, b) => [a <= b, `to be at most ${show(b)}`],
  toBeCloseTo: (a, b, digits = 2) => [a === b || Math.abs(a - b) < 10 ** -digits / 2, `to be close to ${show(b)}`],
  toBeInstanceOf: (a, b) => [a instanceof b, `to be a ${b?.name}`],
  toMatch: (a, b) => [typeof b === "string" ? String(a).includes(b) : b.test(a), `to match ${show(b)}`],
  toContain: (a, b) => [includes(a, b), `to contain ${show(b)}`],
  toContainEqual: (a, b) => [[...a].some((item) => equals(item, b, LOOSE)), `to contain ${show(b)}`],
  toHaveLength: (a, b) => [a?.length === b, `to have the length ${show(b)}`],
  toHaveProperty: (a, path, ...rest) => {
    const { found, value } = at(a, path);
    const wanted = rest.length ? ` of ${show(rest[0])}` : "";
    return [found && (!rest.length || equals(value, rest[0], LOOSE)), `to have the property ${show(path)}${wanted}`];
  },
  toThrow: (a, b) => {
    const wanted = b === undefined ? "to throw" : `to throw ${typeof b === "function" ? b.name : show(b?.message ?? b)}`;
    if (typeof a !== "function") throw new TypeError("toThrow needs a function");
    try {
      a();
    } catch (error) {
      return [thrown(error, b), `${wanted}; it threw ${show(error?.message ?? error)}`];
    }
    return [false, wanted];
  },
  toHaveBeenCalled: (a) => [calls(a).length > 0, "to have been called"],
  toHaveBeenCalledTimes: (a, b) => [calls(a).length === b, `to have been called ${b} times; it was ${calls(a).length} times`],
  toHaveBeenCalledWith: (a, ...b) => [calls(a).some((call) => equals(call, b, LOOSE)), `to have been called with ${show(b)}`],
  toHaveBeenLastCalledWith: (a, ...b) => [equals(calls(a).at(-1), b, LOOSE), `to have been called last with ${show(b)}`],
  toHaveBeenNthCalledWith: (a, n, ...b) => [equals(calls(a)[n - 1], b, LOOSE), `to have been called with ${show(b)}`],
  toHaveReturnedWith: (a, b) => [a.mock.results.some((one) => equals(one.value, b, LOOSE)), `to have returned ${show(b)}`],
};
Object.assign(matchers, { toThrowError: matchers.toThrow, toBeCalled: matchers.toHaveBeenCalled, toBeCalledTimes: matchers.toHaveBeenCalledTimes, toBeCalledWith: matchers.toHaveBeenCalledWith });

function check(name, not, actual, expected) {
  const [holds, wanted] = matchers[name](actual, ...expected);
  if (holds === not) throw new Failure(`expected ${typeof actual === "function" ? "the function" : show(actual)} ${not ? "not " : ""}${wanted}`);
}

function expect(actual) {
  const plain = (not) => Object.fromEntries(keysOf(matchers).map((name) => [name, (...expected) => check(name, not, actual, expected)]));
  const waits = (settle) => (not) =>
    Object.fromEntries(keysOf(matchers).map((name) => [name, async (...expected) => check(name, not, await settle(name), expected)]));
  const promise = () => (typeof actual === "function" ? actual() : actual);
  const resolves = waits(async () => await promise());
  const rejects = waits(async (name) => {
    let value;
    try {
      value = await promise();
    } catch (error) {
      if (!name.startsWith("toThrow")) return error;
      return () => {
        throw error;
      };
    }
    throw new Failure(`expected the promise to reject; it resolved to ${show(value)}`);
  });
  const both = (made) => Object.assign(made(false), { not: made(true) });
  return Object.assign(both(plain), { resolves: both(resolves), rejects: both(rejects) });
}

const negated = (make) => (...given) => {
  const made = make(...given);
  return new Asymmetric(`not ${made.words}`, (value) => !made.fits(value));
};
const kinds = new Map([[Number, "number"], [String, "string"], [Boolean, "boolean"], [Function, "function"], [BigInt, "bigint"], [Symbol, "symbol"]]);
const asymmetric = {
  objectContaining: (part) => new Asymmetric(`an object with ${show(part)}`, (value) => equals(value, part, PART)),
  arrayContaining: (items) => new Asymmetric(`an array with ${show(items)}`, (value) => isArray(value) && items.every((item) => value.some((other) => equals(other, item, LOOSE)))),
  stringContaining: (part) => new Asymmetric(`a text with ${show(part)}`, (value) => typeof value === "string" && value.includes(part)),
  stringMatching: (pattern) => new Asymmetric(`a text like ${show(pattern)}`, (value) => typeof value === "string" && new RegExp(pattern).test(value)),
  closeTo: (number, digits = 2) => new Asymmetric(`about ${show(number)}`, (value) => Math.abs(value - number) < 10 ** -digits / 2),
};
Object.assign(expect, asymmetric, {
  any: (kind) => new Asymmetric(`any ${kind.name}`, (value) => (kinds.has(kind) ? typeof value === kinds.get(kind) || value instanceof kind : kind === Object ? typeof value === "object" : value instanceof kind)),
  anything: () => new Asymmetric("anything", (value) => value !== null && value !== undefined),
  not: Object.fromEntries(keysOf(asymmetric).map((name) => [name, negated(asymmetric[name])])),
  assertions: () => {},
  hasAssertions: () => {},
});

/** A mock function. */
function fn(body) {
  const once = [];
  const mock = { calls: [], results: [], instances: [] };
  const made = function (...given) {
    mock.calls.push(given);
    mock.instances.push(this);
    try {
      const value = (once.shift() ?? body)?.apply(this, given);
      mock.results.push({ type: "return", value });
      return value;
    } catch (error) {
      mock.results.push({ type: "throw", value: error });
      throw error;
    }
  };
  const chained = (change) => (value) => {
    change(value);
    return made;
  };
  return Object.assign(made, {
    mock,
    mockImplementation: chained((next) => (body = next)),
    mockImplementationOnce: chained((next) => once.push(next)),
    mockReturnValue: chained((value) => (body = () => value)),
    mockReturnValueOnce: chained((value) => once.push(() => value)),
    mockResolvedValue: chained((value) => (body = async () => value)),
    mockRejectedValue: chained((value) => (body = async () => Promise.reject(value))),
    mockClear: chained(() => mock.calls.splice(0)),
    mockReset: chained(() => mock.calls.splice(0)),
  });
}

function spyOn(owner, name) {
  const original = owner[name];
  const made = fn(original);
  owner[name] = made;
  return Object.assign(made, { mockRestore: () => (owner[name] = original) });
}

module.exports = { expect, fn, spyOn, Failure, values };
