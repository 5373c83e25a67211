/**
 * Reads what a learner types as the argument of a function: JSON, checked against the parameter's type as the challenge format
 * names it (`int`, `float`, `string`, `bool`, `any`, `T[]`, `map<string, T>`, `T?`).
 */

export type Parsed = { ok: true; value: unknown } | { ok: false; problem: string };

export function parseArgument(text: string, type: string): Parsed {
  if (text.trim() === "") return { ok: false, problem: `Enter ${example(type)}.` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problem: notJson(text, type) };
  }
  const problem = mismatch(value, type.trim());
  return problem ? { ok: false, problem } : { ok: true, value };
}

/** How a value is written for a type; shown as the help of an empty field. */
export function example(type: string): string {
  const inner = elementType(type.trim());
  if (inner !== null) return `a list such as ${sample(type.trim())}`;
  switch (type.trim()) {
    case "int":
      return "a whole number such as 7";
    case "float":
      return "a number such as 2.5";
    case "string":
      return 'text in double quotes such as "abc"';
    case "bool":
      return "true or false";
    default:
      return `a JSON value such as ${sample(type.trim())}`;
  }
}

/** The first disagreement between a value and a type, in words; nothing when they agree. */
function mismatch(value: unknown, type: string): string | null {
  if (type.endsWith("?")) return value === null ? null : mismatch(value, type.slice(0, -1));
  const inner = elementType(type);
  if (inner !== null) return listMismatch(value, inner, type);
  const mapped = mapType(type);
  if (mapped !== null) return mapMismatch(value, mapped, type);
  return scalarMismatch(value, type);
}

function scalarMismatch(value: unknown, type: string): string | null {
  switch (type) {
    case "int":
      if (typeof value !== "number" || !Number.isInteger(value)) return wrong(value, "a whole number");
      return Number.isSafeInteger(value) ? null : "This number is too large: use at most 2^53 − 1.";
    case "float":
      return typeof value === "number" && Number.isFinite(value) ? null : wrong(value, "a number");
    case "string":
      return typeof value === "string" ? null : wrong(value, "text in double quotes");
    case "bool":
      return typeof value === "boolean" ? null : wrong(value, "true or false");
    default:
      return null;
  }
}

function listMismatch(value: unknown, inner: string, type: string): string | null {
  if (!Array.isArray(value)) return wrong(value, `a list such as ${sample(type)}`);
  for (const [index, element] of value.entries()) {
    const problem = mismatch(element, inner);
    if (problem) return `Element ${index + 1}: ${lower(problem)}`;
  }
  return null;
}

function mapMismatch(value: unknown, inner: string, type: string): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return wrong(value, `an object such as ${sample(type)}`);
  }
  for (const [key, element] of Object.entries(value)) {
    const problem = mismatch(element, inner);
    if (problem) return `Key "${key}": ${lower(problem)}`;
  }
  return null;
}

function elementType(type: string): string | null {
  return type.endsWith("[]") ? type.slice(0, -2) : null;
}

function mapType(type: string): string | null {
  return /^map<\s*string\s*,\s*(.+)>$/.exec(type)?.[1]?.trim() ?? null;
}

function sample(type: string): string {
  if (type.endsWith("?")) return sample(type.slice(0, -1));
  const inner = elementType(type);
  if (inner !== null) return `[${sample(inner)}]`;
  const mapped = mapType(type);
  if (mapped !== null) return `{"a": ${sample(mapped)}}`;
  return { int: "7", float: "2.5", string: '"abc"', bool: "true" }[type] ?? "1";
}

function notJson(text: string, type: string): string {
  if (type.startsWith("string") && !/[[{]/.test(type)) return 'Text stands in double quotes: "abc".';
  if (/'/.test(text) && !text.includes('"')) return "JSON wants double quotes, not single ones.";
  if (/\b(True|False|None)\b/.test(text)) return "Values are JSON: write true, false and null.";
  return `This is not valid JSON. Enter ${example(type)}.`;
}

function wrong(value: unknown, wanted: string): string {
  return `This is ${describe(value)}, and ${wanted} is needed.`;
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return Number.isInteger(value) ? "a whole number" : "a number with decimals";
  if (typeof value === "boolean") return String(value);
  return typeof value === "string" ? "text" : "an object";
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
