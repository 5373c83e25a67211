import { addDays, weekday } from "./time";

export interface Day {
  date: string;
  active: boolean;
  /** After today: room in the grid, nothing to say. */
  future: boolean;
}

/** Weeks from Monday to Sunday, oldest first; the last one holds `today`. */
export function weeks(activeDays: readonly string[], today: string, many: number): Day[][] {
  const active = new Set(activeDays);
  const monday = addDays(today, -weekday(today) - 7 * (many - 1));
  return Array.from({ length: many }, (_, week) =>
    Array.from({ length: 7 }, (_, index) => {
      const date = addDays(monday, week * 7 + index);
      return { date, active: active.has(date), future: date > today };
    }),
  );
}

/** Where month names stand above the weeks: the first week that begins in a new month. */
export function monthLabels(grid: readonly Day[][]): { week: number; name: string }[] {
  const labels: { week: number; name: string }[] = [];
  let last = "";
  grid.forEach((days, week) => {
    const month = days[0]?.date.slice(0, 7) ?? "";
    if (month !== last && week < grid.length - 1) labels.push({ week, name: monthName(month) });
    last = month;
  });
  // Two names need three columns between them; a short first month gives way.
  const [first, second] = labels;
  return first && second && second.week - first.week < 3 ? labels.slice(1) : labels;
}

function monthName(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString("en", { month: "short", timeZone: "UTC" });
}
