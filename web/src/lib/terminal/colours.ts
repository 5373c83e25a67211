/** The page's colours as a terminal wants them: plain numbers, for the theme that holds now. */
import type { ITheme } from "@xterm/xterm";

/** What each of a terminal's colours is called here. */
const NAMES: Record<keyof Pick<ITheme, Named>, string> = {
  background: "--code-ground",
  foreground: "--text",
  cursor: "--accent",
  cursorAccent: "--code-ground",
  selectionBackground: "--code-selection",
  scrollbarSliderBackground: "--line-strong",
  scrollbarSliderHoverBackground: "--line-control",
  scrollbarSliderActiveBackground: "--line-control",
  black: "--text-subtle",
  red: "--danger",
  green: "--success",
  yellow: "--warning",
  blue: "--code-keyword",
  magenta: "--code-name",
  cyan: "--accent-text",
  white: "--text-muted",
  brightBlack: "--text-subtle",
  brightRed: "--danger",
  brightGreen: "--code-string",
  brightYellow: "--code-number",
  brightBlue: "--code-keyword",
  brightMagenta: "--code-name",
  brightCyan: "--accent-text",
  brightWhite: "--text",
};

type Named =
  | "background"
  | "foreground"
  | "cursor"
  | "cursorAccent"
  | "selectionBackground"
  | "scrollbarSliderBackground"
  | "scrollbarSliderHoverBackground"
  | "scrollbarSliderActiveBackground"
  | "black"
  | "red"
  | "green"
  | "yellow"
  | "blue"
  | "magenta"
  | "cyan"
  | "white"
  | "brightBlack"
  | "brightRed"
  | "brightGreen"
  | "brightYellow"
  | "brightBlue"
  | "brightMagenta"
  | "brightCyan"
  | "brightWhite";

/** Reads them where `element` stands. */
export function terminalTheme(element: HTMLElement): ITheme {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const read = (name: string) => {
    probe.style.color = `var(${name})`;
    return plain(getComputedStyle(probe).color);
  };
  const theme = Object.fromEntries(Object.entries(NAMES).map(([part, name]) => [part, read(name)]));
  probe.remove();
  return theme;
}

/** Any colour as `#rrggbb`: what a canvas makes of it. */
function plain(colour: string): string {
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  if (!pen) return colour;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = pen.getImageData(0, 0, 1, 1).data;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
