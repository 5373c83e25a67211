/** The words of the school: one place that turns the server's names into ours. */
import type { Difficulty, Status, Verdict } from "$lib/api/types";

const VERDICTS: Record<Verdict, string> = {
  accepted: "Accepted",
  wrong_answer: "Wrong answer",
  time_limit_exceeded: "Time limit exceeded",
  memory_limit_exceeded: "Memory limit exceeded",
  output_limit_exceeded: "Output limit exceeded",
  runtime_error: "Runtime error",
  compile_error: "Compile error",
  internal_error: "Judge error",
};

/** What a verdict means and what to do about it; friendly, and never blaming. */
const VERDICT_HELP: Record<Verdict, string> = {
  accepted: "Every test passed.",
  wrong_answer: "The code ran to its end, and an answer differs from the expected one.",
  time_limit_exceeded:
    "A test took longer than its limit. Look for a loop that does more work than it needs.",
  memory_limit_exceeded: "A test used more memory than its limit.",
  output_limit_exceeded: "The program wrote more than is kept. Check for a print inside a loop.",
  runtime_error: "The program stopped with an error. Its message is below.",
  compile_error: "The code could not be read. The message below names the place.",
  internal_error: "The judge had a problem; your code is safe and nothing is counted. Submit again.",
};

const DIFFICULTIES: Record<Difficulty, string> = { easy: "Easy", medium: "Medium", hard: "Hard" };
const STATUSES: Record<Status, string> = { todo: "To do", attempted: "Attempted", solved: "Solved" };
const LANGUAGES: Record<string, string> = {
  python: "Python",
  javascript: "JavaScript",
  typescript: "TypeScript",
  c: "C",
  cpp: "C++",
  rust: "Rust",
  go: "Go",
  java: "Java",
};

/** Topics whose hyphen stands for more than a space. */
const TOPICS: Record<string, string> = { "input-output": "Input and output" };

export const verdictWord = (verdict: Verdict): string => VERDICTS[verdict];
export const verdictHelp = (verdict: Verdict): string => VERDICT_HELP[verdict];
export const difficultyWord = (difficulty: Difficulty): string => DIFFICULTIES[difficulty];
export const statusWord = (status: Status): string => STATUSES[status];

/** A language's name for people; unknown ones keep their id with a capital. */
export const languageWord = (language: string): string => LANGUAGES[language] ?? capital(language);

/** Languages in the order of their names. */
export const byName = (languages: readonly string[]): string[] =>
  [...languages].sort((a, b) => languageWord(a).localeCompare(languageWord(b)));

/** `two-pointers` → `Two pointers` */
export const topicWord = (slug: string): string => TOPICS[slug] ?? capital(slug.replaceAll("-", " "));

/** `1 test`, `3 tests` */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

const grouped = new Intl.NumberFormat("en");
export const number = (n: number): string => grouped.format(n);

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
