import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FakeServer } from "./fake-server";
import { Room } from "./room.svelte";
import type { Session, SessionParticipant } from "./wire";

const person = (user_id: string, role: SessionParticipant["role"]): SessionParticipant => ({
  user_id,
  username: user_id,
  role,
  color: "#123456",
});

const session: Session = {
  id: "s",
  join_url: "http://x/sessions/s",
  title: "Pair",
  creator_id: "ada",
  challenge_id: null,
  language: "python",
  policy: "driver",
  recording: true,
  timer_ends_at: null,
  role: "navigator",
  participants: [person("ada", "driver"), person("grace", "navigator")],
  created_at: "2026-01-01T00:00:00Z",
  ended_at: null,
};

let server: FakeServer;
let room: Room;

beforeEach(async () => {
  vi.stubGlobal("window", {});
  server = new FakeServer();
  room = new Room(session, "grace", server.surroundings());
  room.connect();
  server.last.accept();
  server.last.say("session-state", {
    session,
    user_id: "grace",
    may_write: false,
    code: "",
    version: 0,
    present: session.participants,
    messages: [],
  });
  await server.clock.pass(10);
});

afterEach(() => {
  room.leave();
  vi.unstubAllGlobals();
});

it("gives and takes the keyboard at once", () => {
  expect([room.mayWrite, room.driver?.username]).toEqual([false, "ada"]);
  const changed = [person("grace", "driver"), person("ada", "navigator")];
  server.last.say("role-changed", {
    user_id: "grace",
    username: "grace",
    role: "driver",
    changed,
    policy: "driver",
  });
  expect([room.mayWrite, room.role, room.driver?.username]).toEqual([true, "driver", "grace"]);

  server.last.say("session-updated", { session: { ...session, policy: "free" } });
  expect([room.mayWrite, room.role]).toEqual([true, "navigator"]);
});

it("lowers the hand once it has the keyboard", () => {
  room.raiseHand(true);
  expect(room.handRaised).toBe(true);
  server.last.say("role-changed", {
    user_id: "grace",
    username: "grace",
    role: "driver",
    changed: [person("grace", "driver")],
    policy: "driver",
  });
  expect(room.handRaised).toBe(false);
});

it("knows those who come, and who is there", () => {
  server.last.say("user-joined", person("edsger", "viewer"));
  server.last.say("user-left", person("ada", "driver"));
  expect(room.people.map(({ user_id, here }) => [user_id, here])).toEqual([
    ["grace", true],
    ["edsger", true],
    ["ada", false],
  ]);
});

it("shows its own message once the session has it, and keeps a refused one out", async () => {
  await room.say("hello");
  expect(room.messages.list.map(({ message }) => message)).toEqual(["hello"]);
  server.answers = false;
  const refused = room.say("too fast");
  server.last.say("error", { code: "rate_limited", message: "Slowly." }, server.last.events.at(-1)?.id);
  await expect(refused).rejects.toThrow("Slowly.");
  expect([room.messages.list.length, room.messages.unread]).toEqual([1, 0]);
});

it("shows a run to everybody, test by test, with what it brought", () => {
  const test = { name: "one", hidden: false, verdict: "accepted", time_ms: 1, memory_kb: 1 };
  const run = { run_id: "r", kind: "submit", user_id: "ada", username: "ada", at: "" };
  server.last.say("run-started", run);
  server.last.say("run-progress", { run_id: "r", test, tests_done: 1, total_tests: 2 });
  expect([room.judge.phase, room.judge.by, room.judge.tests.length, room.judge.total]).toEqual([
    "running",
    "ada",
    1,
    2,
  ]);
  const xp = [{ user_id: "grace", username: "grace", xp_awarded: 50 }];
  const result = { ...run, success: true, verdict: "accepted", score: 100, tests: [test, test], output: "" };
  server.last.say("run-result", { ...result, error: "", time_ms: 1, memory_kb: 1, xp });
  expect([room.judge.phase, room.judge.outcome?.xp, room.judge.xp]).toEqual(["finished", 50, xp]);
});

it("does not wait for the result of a run that the cut has swallowed", () => {
  server.last.say("run-started", { run_id: "r", kind: "run", user_id: "ada", username: "ada", at: "" });
  server.last.cut();
  expect([room.judge.phase, room.link.kind]).toEqual(["idle", "waiting"]);
});

it("may not be written in once it is over", () => {
  server.last.say("session-ended", { user_id: "ada" });
  server.last.cut(1000);
  expect([room.over, room.mayWrite, room.endedBy]).toEqual([true, false, "ada"]);
});
