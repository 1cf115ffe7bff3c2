// Named rows over one stretch of time, with bars or marks on them: HTML, so that it is text for a screen reader as well.
import { element } from "../page";

/** `from`, `to`: in parts of the whole, 0 to 1. */
export interface Mark {
  from: number;
  to?: number;
  kind: string;
  title: string;
}
export interface Lane {
  name: string;
  link?: string;
  depth?: number;
  note: string;
  marks: Mark[];
}

export function lanes(rows: Lane[], ticks: { at: number; text: string }[]): HTMLElement {
  const axis = element("div", { class: "lane-axis", "aria-hidden": "true" }, ...ticks.map(({ at, text }) => placed(element("span", {}, text), at)));
  return element("div", { class: "lanes" }, element("ul", {}, ...rows.map(lane)), axis);
}

function lane({ name, link, depth = 0, note, marks }: Lane): HTMLElement {
  const title = link ? element("a", { href: link, class: "link" }, name) : element("span", {}, name);
  const label = element("div", { class: "lane-name", title: name }, title);
  label.style.setProperty("--depth", String(depth));
  const track = element("div", { class: "lane-track", "aria-hidden": "true" }, ...marks.map(mark));
  return element("li", { class: "lane" }, label, track, element("div", { class: "lane-note" }, note));
}

function mark({ from, to, kind, title }: Mark): HTMLElement {
  const made = placed(element("i", { class: `${to === undefined ? "dot" : "bar"} ${kind}`, title }), from);
  if (to !== undefined) made.style.width = `${Math.max(to - from, 0) * 100}%`;
  return made;
}

function placed<T extends HTMLElement>(made: T, at: number): T {
  made.style.left = `${at * 100}%`;
  return made;
}
