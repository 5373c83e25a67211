/** What the time line draws: how much each person wrote when, and marks that do not lie on one another. */
import type { Happening, HappeningKind } from "./events";
import type { Recording } from "./model";

/** Amounts from 0 to 1, side by side over the whole time. */
export interface Lane {
  user: string | null;
  bars: number[];
}

/** The height of the smallest bar: a lone letter must be seen, too. */
const LEAST = 0.14;

/** One lane a person. Their amounts are told on one scale, so that lanes can be compared; a paste does not flatten the rest. */
export function lanes(recording: Recording, duration: number, bars: number): Lane[] {
  const byWho = new Map<number, Float64Array>();
  for (let moment = 1; moment <= recording.count; moment += 1) {
    const weight = recording.weightOf(moment);
    const who = recording.whoAt(moment);
    if (weight === 0 || recording.people[who] === null) continue;
    const amounts = byWho.get(who) ?? new Float64Array(bars);
    byWho.set(who, amounts);
    const bar = Math.min(bars - 1, Math.floor((recording.timeOf(moment) / Math.max(1, duration)) * bars));
    amounts[bar] = (amounts[bar] ?? 0) + Math.sqrt(weight);
  }
  const most = Math.max(...Array.from(byWho.values(), (amounts) => tall(amounts)), 1e-9);
  return Array.from(byWho, ([who, amounts]) => ({
    user: recording.people[who] ?? null,
    bars: Array.from(amounts, (amount) =>
      amount === 0 ? 0 : LEAST + (1 - LEAST) * Math.min(1, amount / most),
    ),
  }));
}

/** Nearly the largest: a single burst may reach over the top. */
function tall(amounts: Float64Array): number {
  const some = Array.from(amounts)
    .filter((amount) => amount > 0)
    .sort((a, b) => a - b);
  return some[Math.floor((some.length - 1) * 0.98)] ?? 0;
}

/** The outline of a lane's bars in a box of `bars` × 1, for an SVG path. */
export function outline(bars: readonly number[]): string {
  return bars
    .map((amount, index) => (amount === 0 ? "" : `M${index} 1V${(1 - amount).toFixed(3)}h0.8V1z`))
    .join("");
}

/** Happenings that lie too near to one another share a mark. */
export interface Mark {
  /** 0 to 1. */
  place: number;
  happenings: Happening[];
  /** The most telling of them. */
  shown: Happening;
}

const WEIGHT: Record<HappeningKind, number> = {
  submit: 6,
  run: 5,
  restored: 4,
  paste: 3,
  role: 2,
  chat: 1,
  ended: 0,
  joined: 0,
  left: 0,
  changed: 0,
};

/** `apart`: the least distance of two marks, as a share of the whole. Coming, going and the like have no mark. */
export function marks(happenings: readonly Happening[], duration: number, apart: number): Mark[] {
  const found: Mark[] = [];
  for (const happening of happenings) {
    if (WEIGHT[happening.kind] === 0) continue;
    const place = Math.min(1, happening.at / Math.max(1, duration));
    const last = found.at(-1);
    if (!last || place - last.place >= apart) {
      found.push({ place, happenings: [happening], shown: happening });
      continue;
    }
    last.happenings.push(happening);
    if (WEIGHT[happening.kind] > WEIGHT[last.shown.kind]) last.shown = happening;
  }
  return found;
}
