import { expect, it } from "vitest";
import { asMessages, continues, Messages } from "./messages.svelte";

const message = (id: string, minute: number, user_id = "a") => ({
  id,
  user_id,
  username: user_id,
  message: id,
  at: `2026-01-01T10:${String(minute).padStart(2, "0")}:00Z`,
});

it("counts what was heard until it is seen", () => {
  const chat = new Messages();
  chat.recall([message("1", 0)]);
  expect(chat.unread).toBe(0);
  chat.heard(message("2", 1));
  chat.heard(message("2", 1));
  expect([chat.unread, chat.list.length]).toEqual([1, 2]);
  chat.seen();
  expect(chat.unread).toBe(0);
});

it("shows nothing twice after a reconnect, keeps what is older than the session tells, and counts what was missed", () => {
  const chat = new Messages();
  chat.recall([message("1", 0), message("2", 1)]);
  chat.said(message("", 2));
  chat.recall([message("2", 1), message("3", 2), message("4", 3)]);
  expect(chat.list.map(({ id }) => id)).toEqual(["1", "2", "3", "4"]);
  expect(chat.unread).toBe(2);
});

it("groups what one person says in a row", () => {
  expect(continues(message("2", 4), message("1", 0))).toBe(true);
  expect(continues(message("2", 5), message("1", 0))).toBe(false);
  expect(continues(message("2", 1, "b"), message("1", 0))).toBe(false);
  expect(continues(message("1", 0), undefined)).toBe(false);
});

it("shows a question to the tutor and its answer, which says where it comes from", () => {
  const response = {
    ...{
      message_id: "7",
      user_id: "a",
      username: "Ada",
      question: "why?",
      message: "Because.",
      at: "2026-01-01T10:00:00Z",
    },
    ...{ suggestions: [], resources: [], confidence: 1, hint_level: 1, conversation_id: "c" },
  };
  const names = (source: "offline" | "model") =>
    asMessages({ ...response, source }).map(({ id, username, message }) => [id, username, message]);
  expect(names("offline")).toEqual([
    ["7-question", "Ada", "why?"],
    ["7", "Tutor (offline)", "Because."],
  ]);
  expect(names("model")[1]?.[1]).toBe("Tutor");
});
