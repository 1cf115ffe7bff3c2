// Colours of a terminal (SGR, ECMA-48) as elements. The server lets no other code through (sandbox/host/output.py).
import { element } from "../page";

const CODE = /\x1b\[([0-9;]*)m/g;
const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const LOOKS: Record<number, string> = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 9: "struck" };
const ENDS: Record<number, string[]> = { 22: ["bold", "dim"], 23: ["italic"], 24: ["underline"], 29: ["struck"] };

/** What is set at a place of the text: class names of looks, and a colour for letters and for the ground. */
interface Style {
  looks: Set<string>;
  letters: string;
  ground: string;
}

export function plain(text: string): string {
  return text.replace(CODE, "");
}

export function coloured(text: string): Node[] {
  const style: Style = { looks: new Set(), letters: "", ground: "" };
  const shown: Node[] = [];
  let from = 0;
  for (const found of text.matchAll(CODE)) {
    add(shown, text.slice(from, found.index), style);
    apply(style, (found[1] || "0").split(";").map(Number));
    from = found.index + found[0].length;
  }
  add(shown, text.slice(from), style);
  return shown;
}

function add(shown: Node[], text: string, { looks, letters, ground }: Style): void {
  const names = [...looks].map((look) => `ansi-${look}`);
  if (letters) names.push(`ansi-${letters}`);
  if (ground) names.push(`ansi-on-${ground}`);
  if (text) shown.push(names.length ? element("i", { class: names.join(" ") }, text) : document.createTextNode(text));
}

function apply(style: Style, codes: number[]): void {
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) {
      style.looks.clear();
      style.letters = style.ground = "";
    } else if (code === 38 || code === 48) {
      const [name, used] = extended(codes.slice(index + 1));
      style[code === 38 ? "letters" : "ground"] = name;
      index += used;
    } else {
      applyOne(style, code);
    }
  }
}

function applyOne(style: Style, code: number): void {
  if (LOOKS[code]) style.looks.add(LOOKS[code]);
  for (const look of ENDS[code] ?? []) style.looks.delete(look);
  if (code === 39) style.letters = "";
  if (code === 49) style.ground = "";
  const name = NAMES[code % 10] ?? "";
  const tens = Math.floor(code / 10);
  if (tens === 3 || tens === 9) style.letters = name || style.letters;
  if (tens === 4 || tens === 10) style.ground = name || style.ground;
}

/** One of 256 colours (5;n) or of all (2;r;g;b) becomes the nearest of the eight. Returns how many numbers it took. */
function extended([kind, ...rest]: number[]): [name: string, used: number] {
  if (kind === 5) return [ofPalette(rest[0] ?? 0), 2];
  return kind === 2 ? [nearest(rest.slice(0, 3)), 4] : ["", 1];
}

function ofPalette(number: number): string {
  if (number < 16) return NAMES[number % 8] ?? "";
  if (number >= 232) return nearest([number, number, number].map((each) => 8 + (each - 232) * 10));
  return nearest([36, 6, 1].map((size) => (Math.floor((number - 16) / size) % 6) * 51));
}

function nearest(channels: number[]): string {
  const brightest = Math.max(...channels);
  if (brightest < 64) return "black";
  return NAMES[channels.reduce((sum, value, index) => sum + (value > brightest / 2 ? 1 << index : 0), 0)] ?? "";
}
