import { expect, test } from "vitest";
import { inOrder, languageOf, pathProblem, slugOf } from "./files";

test("what the challenge is comes first, then each language from starter to wrong answers", () => {
  const paths = [
    "python/wrong/a.py",
    "python/starter.py",
    "tests.toml",
    "data/big.json",
    "python/reference.py",
    "challenge.toml",
    "javascript/starter.js",
  ];
  expect(inOrder(paths)).toEqual([
    "challenge.toml",
    "tests.toml",
    "data/big.json",
    "javascript/starter.js",
    "python/starter.py",
    "python/reference.py",
    "python/wrong/a.py",
  ]);
});

test("languages by ending", () => {
  expect([languageOf("python/starter.py"), languageOf("tests.toml")]).toEqual(["python", "text"]);
});

test("paths of new files", () => {
  expect(pathProblem("python/wrong/x.py", ["a"])).toBe("");
  for (const bad of ["", "a", "/x", "x/", "a/b", "../x", "x\\y", "c:x", "a\u0001", "x".repeat(161)]) {
    expect(pathProblem(bad, ["a"]), bad).not.toBe("");
  }
});

test("slugs from titles", () => {
  expect(slugOf("  Größte Summe, twice! ")).toBe("gro-te-summe-twice");
  expect(slugOf("¿?")).toBe("");
});
