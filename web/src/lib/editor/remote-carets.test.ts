import { expect, test } from "vitest";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { clientOf } from "../session/presence";
import { remoteCarets } from "./remote-carets";

test("carets are seen whichever editor tells them, and only those that lie in this text", () => {
  const doc = new Y.Doc();
  const text = doc.getText("code");
  text.insert(0, "hello");
  const at = (index: number) =>
    JSON.parse(JSON.stringify(Y.createRelativePositionFromTypeIndex(text, index))) as object;
  const awareness = new Awareness(doc);
  const user = { id: "ada", name: "Ada", color: "#2563eb" };
  const shown = { anchor: at(1), head: at(3) };
  awareness.states.set(1, { user, cursor: shown });
  awareness.states.set(2, { user: { ...user, id: "mo" }, selection: shown });
  awareness.states.set(3, { user: { ...user, id: "gone" }, cursor: null });
  awareness.states.set(4, { user, selection: { anchor: "0", head: at(1) } });
  awareness.states.set(5, { cursor: { anchor: { tname: "other" }, head: { tname: "other" } } });
  awareness.states.set(awareness.clientID, { user, cursor: shown });
  const caret = { name: "Ada", color: "#2563eb", anchor: 1, head: 3 };
  expect(remoteCarets(text, awareness)).toEqual([
    { client: 1, ...caret },
    { client: 2, ...caret },
  ]);
  expect(["ada", "mo", "gone", "nobody"].map((id) => clientOf(awareness, id))).toEqual([1, 2, null, null]);
  awareness.destroy();
});
