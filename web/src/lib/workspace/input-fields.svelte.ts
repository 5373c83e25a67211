/** The learner's own input: one field a parameter, or standard input. */
import type { ChallengeDetail, OwnInput, Parameter } from "$lib/api/types";
import { parseArgument } from "./own-input";

export class InputFields {
  values = $state<string[]>([]);
  stdin = $state("");
  /** Faults are shown after the first attempt to run, and then as they come and go. */
  tried = $state(false);

  constructor(private readonly challenge: ChallengeDetail) {
    const first = challenge.examples[0];
    this.fill({ args: first?.args ?? null, stdin: first?.input ?? "" });
  }

  get parameters(): Parameter[] {
    return this.challenge.function?.parameters ?? [];
  }

  get isProgram(): boolean {
    return this.challenge.kind === "io";
  }

  fill({ args, stdin }: { args: unknown[] | null; stdin: string }): void {
    if (this.isProgram) this.stdin = stdin;
    else this.values = this.parameters.map((_, index) => JSON.stringify(args?.[index] ?? null));
    this.tried = false;
  }

  problem(index: number): string | null {
    const parsed = parseArgument(this.values[index] ?? "", this.parameters[index]?.type ?? "any");
    return parsed.ok ? null : parsed.problem;
  }

  /** The input as the server wants it, or nothing while a field is wrong. */
  read(): OwnInput | null {
    this.tried = true;
    if (this.isProgram) return { stdin: this.stdin };
    const parsed = this.parameters.map(({ type }, index) => parseArgument(this.values[index] ?? "", type));
    if (!parsed.every((argument) => argument.ok)) return null;
    return { args: parsed.map((argument) => argument.value) };
  }
}
