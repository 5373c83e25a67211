import { expect, test } from "vitest";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { presences } from "./presence";

test("a person's colour is the one that the server wrote into what their tabs show", () => {
  const awareness = new Awareness(new Y.Doc());
  awareness.states.set(1, { user: { id: "ada", color: "#2563eb" }, hand: true });
  awareness.states.set(2, { user: { id: "ada" } });
  awareness.states.set(3, { user: { id: "ben", color: "red; background: url(x)" } });
  awareness.states.set(4, { user: { id: 7, color: "#2563eb" } });
  const found = presences(awareness, "me");
  expect(found.get("ada")).toMatchObject({ color: "#2563eb", hand: true });
  expect(found.get("ben")?.color).toBeNull();
  expect(Array.from(found.keys()).sort()).toEqual(["ada", "ben", "me"]);
  awareness.destroy();
});
