import { describe, expect, it } from "vitest";
import { filterQuery, isFiltered, readFilters, toggled } from "$lib/catalogue/filters";
import { nameProblem } from "$lib/shell/guest-name";
import { ariaKeys, keyNames } from "./keys";
import { safeNext, signInPath } from "./paths";

describe("safeNext", () => {
  it.each(["/", "/challenges?q=a#b", "/users/Ada%20L"])("keeps %s", (next) => {
    expect(safeNext(next)).toBe(next);
  });

  it.each([
    null,
    "",
    "//evil",
    "/\\evil",
    "/\t/evil",
    "https://evil",
    "javascript:alert(1)",
    "evil",
    "\\\\evil",
  ])("replaces %j", (next) => {
    expect(safeNext(next)).toBe("/");
  });

  it("goes the way round", () => {
    const path = signInPath("/challenges?topic=graphs");
    expect(safeNext(new URL(path, "http://x").searchParams.get("next"))).toBe("/challenges?topic=graphs");
  });
});

describe("filters", () => {
  it("come from the address and go back into it", () => {
    const filters = readFilters(
      new URLSearchParams("q=tree&difficulty=hard,easy&status=solved&topic=graphs"),
    );
    expect(filters.difficulty).toEqual(["easy", "hard"]);
    expect(filterQuery(filters)).toEqual({
      q: "tree",
      difficulty: "easy,hard",
      status: "solved",
      topic: "graphs",
      language: "",
    });
  });

  it("drop what they do not know", () => {
    const filters = readFilters(new URLSearchParams("difficulty=__proto__&status=done"));
    expect(isFiltered(filters)).toBe(false);
  });

  it("are switched one by one", () => {
    expect(toggled(["hard"], "easy")).toEqual(["easy", "hard"]);
    expect(toggled(["easy", "hard"], "easy")).toEqual(["hard"]);
  });
});

it("checks a guest's name as the server does", () => {
  for (const name of ["A", "Ada Lovelace", "O'Neil-2", "Łukasz_1.", "日本"])
    expect(nameProblem(name)).toBeNull();
  for (const name of ["", "a  b", "<b>", "a\u202eb", "a/b", "x".repeat(33)])
    expect(nameProblem(name)).not.toBeNull();
});

it("names keys as they are printed", () => {
  expect([keyNames("mod+shift+enter", false), keyNames("mod+k", true)]).toEqual([
    ["Ctrl", "Shift", "Enter"],
    ["⌘", "K"],
  ]);
  expect([ariaKeys("mod+enter", false), ariaKeys("mod+k", true)]).toEqual(["Control+Enter", "Meta+K"]);
});
