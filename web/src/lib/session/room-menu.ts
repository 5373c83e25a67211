/** What concerns a whole session, as entries of its menu. */
import { sessions } from "$lib/api/endpoints";
import { asApiError } from "$lib/api/error";
import { toasts } from "$lib/state/toasts.svelte";
import type { MenuEntry } from "$lib/ui/menu-entry";
import type { Question } from "./ConfirmDialog.svelte";
import { replayPath } from "./replay";
import { policyWord } from "./rights";
import type { Room } from "./room.svelte";
import type { ChangeSession, Policy } from "./wire";

const TIMES = [5, 10, 15, 25, 45];
const POLICIES: Policy[] = ["free", "driver"];

export function roomMenu(room: Room, ask: (question: Question) => void): MenuEntry[] {
  const entries = room.over || !room.manages ? [] : leading(room, ask);
  entries.push({ kind: "action", title: "Copy the code", run: () => void copyCode(room) });
  if (room.session.recording) {
    entries.push({ kind: "link", title: "The recording so far", href: replayPath(room.session.id) });
  }
  entries.push({ kind: "link", title: "To your sessions", href: "/sessions" });
  if (room.mayEnd && !room.over) {
    entries.push(
      { kind: "line" },
      {
        kind: "action",
        title: "End the session",
        danger: true,
        run: () => {
          ask(ending(room));
        },
      },
    );
  }
  return entries;
}

export async function copyCode(room: Room): Promise<void> {
  await copyText(room.shared.text.toString(), "The code is in the clipboard.");
}

/** Says how it went; a clipboard may be forbidden, as it is on plain http. */
export async function copyText(text: string, done: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    toasts.show(done);
    return true;
  } catch {
    toasts.show("The browser does not let the page copy. Select the text and copy it yourself.", {
      tone: "problem",
    });
    return false;
  }
}

/** Changes the session and says when that failed; the session tells everybody when it worked. */
export async function changeSession(room: Room, change: ChangeSession): Promise<boolean> {
  try {
    room.updated({ ...(await sessions.change(room.session.id, change)), role: room.role });
    return true;
  } catch (thrown) {
    toasts.show(`Nothing was changed. ${asApiError(thrown).detail}`, { tone: "problem" });
    return false;
  }
}

function leading(room: Room, ask: (question: Question) => void): MenuEntry[] {
  const { policy, recording, timer_ends_at } = room.session;
  return [
    {
      kind: "choice",
      label: "Who writes",
      value: policy,
      options: POLICIES.map((id) => ({ id, name: policyWord(id) })),
      choose: (chosen) => void changeSession(room, { policy: chosen as Policy }),
    },
    { kind: "line" },
    {
      kind: "choice",
      label: "Timer, minutes",
      inRow: true,
      value: timer_ends_at ? "" : "0",
      options: [
        { id: "0", name: "Off", label: "No timer" },
        ...TIMES.map((time) => ({ id: String(time), name: String(time), label: `${time} minutes` })),
      ],
      choose: (minutes) => void changeSession(room, { timer_seconds: Number(minutes) * 60 }),
    },
    { kind: "line" },
    // Once it is off, what was before is gone, and a recording without its beginning is none.
    ...(recording
      ? [
          {
            kind: "switch",
            title: "Record this session",
            on: true,
            toggle: () => {
              ask(forgetting(room));
            },
          } as const,
          { kind: "line" } as const,
        ]
      : []),
  ];
}

const forgetting = (room: Room): Question => ({
  title: "Stop recording?",
  text: "What was recorded so far is forgotten, and there will be nothing to replay. This cannot be turned on again; the session itself goes on.",
  action: "Stop and forget",
  run: async () => {
    room.updated({ ...(await sessions.change(room.session.id, { recording: false })), role: room.role });
  },
});

const ending = (room: Room): Question => ({
  title: "End this session?",
  text: room.session.recording
    ? "Everybody is sent out, and nobody can write any more. The recording stays."
    : "Everybody is sent out, and nobody can write any more. It is not recorded, so copy what you want to keep.",
  action: "End for everybody",
  run: () => sessions.end(room.session.id),
});
