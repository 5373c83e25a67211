/** Makes visible what text hides. */

/** White space as visible signs, for text that is marked as different. Line ends keep their break. */
export function showWhiteSpace(text: string): string {
  return text.replaceAll(" ", "·").replaceAll("\t", "→\t").replaceAll("\r", "␍").replaceAll("\n", "↵\n");
}

/** Output for the eye: control characters of terminals as their pictures, so that nothing hides. */
export function showControl(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/gu, (char) =>
    String.fromCharCode(0x2400 + char.charCodeAt(0)),
  );
}
