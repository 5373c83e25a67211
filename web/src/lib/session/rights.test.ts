import { describe, expect, it } from "vitest";
import { mayWrite, personActions } from "./rights";
import type { SessionRole } from "./wire";

const session = { policy: "driver", creator_id: "maker" } as const;
const person = (user_id: string, role: SessionRole) => ({ user_id, role });

describe("writing", () => {
  it.each([
    ["free", "driver", true],
    ["free", "navigator", true],
    ["free", "mentor", true],
    ["free", "viewer", false],
    ["driver", "driver", true],
    ["driver", "navigator", false],
    ["driver", "mentor", false],
    ["driver", "viewer", false],
  ] as const)("%s, %s: %s", (policy, role, may) => {
    expect(mayWrite(policy, role)).toBe(may);
  });
});

describe("what is offered", () => {
  it("to whoever made the session: everything, but not to lose themselves", () => {
    const me = person("maker", "navigator");
    expect(personActions(session, me, me)).toEqual(["take"]);
    expect(personActions(session, me, person("b", "viewer"))).toEqual([
      "drive",
      "navigate",
      "mentor",
      "send-out",
    ]);
  });

  it("to a driver: handing over", () => {
    const me = person("a", "driver");
    expect(personActions(session, me, person("b", "navigator"))).toEqual(["hand-over"]);
    expect(personActions(session, me, me)).toEqual([]);
  });

  it("to a navigator: nothing", () => {
    expect(personActions(session, person("a", "navigator"), person("b", "driver"))).toEqual([]);
  });

  it("to a mentor: everything but sending out whoever made the session", () => {
    const actions = personActions(session, person("m", "mentor"), person("maker", "driver"));
    expect(actions).toEqual(["navigate", "mentor", "watch"]);
  });
});
