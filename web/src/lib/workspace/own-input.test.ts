import { describe, expect, it } from "vitest";
import { example, parseArgument } from "./own-input";

const problem = (text: string, type: string) => {
  const parsed = parseArgument(text, type);
  return parsed.ok ? null : parsed.problem;
};

describe("parseArgument", () => {
  it.each([
    ["7", "int", 7],
    ["-0", "int", -0],
    ["2.5", "float", 2.5],
    ["3", "float", 3],
    ['"abc"', "string", "abc"],
    ["true", "bool", true],
    ["null", "int?", null],
    ["[1, 2]", "int[]", [1, 2]],
    ["[]", "string[]", []],
    ["[[1], []]", "int[][]", [[1], []]],
    ['{"a": [1]}', "map<string, int[]>", { a: [1] }],
    ["[null, 1]", "int?[]", [null, 1]],
    ['{"x": 1}', "any", { x: 1 }],
    ["  9 ", " int ", 9],
  ])("takes %s as %s", (text, type, value) => {
    expect(parseArgument(text, type)).toEqual({ ok: true, value });
  });

  it.each([
    ["", "int", "Enter a whole number such as 7."],
    ["2.5", "int", "This is a number with decimals, and a whole number is needed."],
    ["9007199254740993", "int", "This number is too large: use at most 2^53 − 1."],
    ["1e400", "float", "This is a number with decimals, and a number is needed."],
    ["abc", "string", 'Text stands in double quotes: "abc".'],
    ["5", "string", "This is a whole number, and text in double quotes is needed."],
    ["True", "bool", "Values are JSON: write true, false and null."],
    ["['a']", "string[]", "JSON wants double quotes, not single ones."],
    ['[1, "2"]', "int[]", "Element 2: this is text, and a whole number is needed."],
    ["[[1], [true]]", "int[][]", "Element 2: element 1: this is true, and a whole number is needed."],
    ["{}", "int[]", "This is an object, and a list such as [7] is needed."],
    ["[1]", "map<string, int>", 'This is a list, and an object such as {"a": 7} is needed.'],
    ['{"a": null}', "map<string, int>", 'Key "a": this is null, and a whole number is needed.'],
  ])("refuses %s as %s and says why", (text, type, words) => {
    expect(problem(text, type)).toBe(words);
  });

  it("keeps __proto__ a plain key", () => {
    const parsed = parseArgument('{"__proto__": 1}', "map<string, int>");
    expect(parsed.ok && Object.keys(parsed.value as object)).toEqual(["__proto__"]);
  });
});

it("gives an example of every type", () => {
  expect(example("map<string, string[]>?")).toBe('a JSON value such as {"a": ["abc"]}');
});
