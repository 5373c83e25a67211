/** Joins what is known before a run (the examples) with what came out of it (the reports), in the order of the tests. */
import type { ChallengeDetail, Example, TestReport } from "$lib/api/types";

export interface Row {
  name: string;
  hidden: boolean;
  example: Example | null;
  report: TestReport | null;
}

/** With `all`, hidden tests that have not ended yet have a row too, so that nothing moves while they arrive. */
export function testRows(challenge: ChallengeDetail, reports: readonly TestReport[], all: boolean): Row[] {
  const byName = new Map(reports.map((report) => [report.name, report]));
  const shown = challenge.examples.map((example) => ({
    name: example.name,
    hidden: false,
    example,
    report: byName.get(example.name) ?? null,
  }));
  const known = new Set(shown.map((row) => row.name));
  const others = reports
    .filter((report) => !known.has(report.name))
    .map((report) => ({ name: report.name, hidden: report.hidden, example: null, report }));
  return all ? [...shown, ...others, ...waitingRows(challenge, others)] : [...shown, ...others];
}

function waitingRows(challenge: ChallengeDetail, ended: readonly Row[]): Row[] {
  const missing = challenge.test_count - challenge.examples.length - ended.length;
  const names = new Set(ended.map((row) => row.name));
  const rows: Row[] = [];
  for (let n = 1; rows.length < missing && n <= challenge.test_count; n += 1) {
    const name = `hidden ${n}`;
    if (!names.has(name)) rows.push({ name, hidden: true, example: null, report: null });
  }
  return rows;
}
