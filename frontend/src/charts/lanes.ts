// Named rows over one stretch of time, with marks on them: HTML, so that it is text for a screen reader as well.
import { element } from "../page";

/** `at`: in parts of the whole, 0 to 1. */
export interface Mark {
  at: number;
  title: string;
}
export interface Lane {
  name: string;
  link: string;
  note: string;
  marks: Mark[];
}

export function lanes(rows: Lane[], ticks: { at: number; text: string }[]): HTMLElement {
  const axis = element("div", { class: "lane-axis", "aria-hidden": "true" }, ...ticks.map(({ at, text }) => placed(element("span", {}, text), at)));
  return element("div", { class: "lanes" }, element("ul", {}, ...rows.map(lane)), axis);
}

function lane({ name, link, note, marks }: Lane): HTMLElement {
  const label = element("div", { class: "lane-name", title: name }, element("a", { href: link, class: "link" }, name));
  const track = element("div", { class: "lane-track", "aria-hidden": "true" }, ...marks.map(mark));
  return element("li", { class: "lane" }, label, track, element("div", { class: "lane-note" }, note));
}

function mark({ at, title }: Mark): HTMLElement {
  return placed(element("i", { class: "dot due", title }), at);
}

function placed<T extends HTMLElement>(made: T, at: number): T {
  made.style.left = `${at * 100}%`;
  return made;
}
