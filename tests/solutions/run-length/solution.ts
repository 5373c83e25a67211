function runLength(text: string): string {
  return text.replace(/(.)\1+/g, (run: string, letter: string) => `${letter}${run.length}`);
}
