// The log of a run: lines in pages that the browser lays out only when they come into view, followed and searched.
import { element, t } from "../page";
import { coloured, plain } from "./ansi";

export type Line = [seq: number, at: string, stream: string, text: string];

const BY_HAND = ["wheel", "touchmove", "keydown", "pointerdown"];

/** Returns what adds lines. */
export function startLog(): (lines: Line[]) => void {
  const log = document.getElementById("run-lines") as HTMLElement;
  const follow = document.getElementById("log-follow") as HTMLInputElement;
  const goToEnd = () => {
    if (follow.checked) log.scrollTop = log.scrollHeight;
  };
  leaveWhereTheReaderScrolls(log, follow);
  follow.addEventListener("change", goToEnd);
  const search = startSearch(follow);
  return (lines) => {
    const rows = lines.map(rowOf);
    if (rows.length) log.append(element("div", { class: "page" }, ...rows));
    search.add(rows, lines.map(([, , , text]) => plain(text).toLowerCase()));
    (document.getElementById("no-lines") as HTMLElement).hidden = log.childElementCount > 0;
    if (rows.length) goToEnd();
  };
}

function rowOf([, at, stream, text]: Line): HTMLElement {
  return element("div", { class: `line ${stream}` }, element("time", {}, at), element("span", {}, ...coloured(text)));
}

/** A page that is laid out anew scrolls, too: only a scroll that the reader begins says where they want to be. */
function leaveWhereTheReaderScrolls(log: HTMLElement, follow: HTMLInputElement): void {
  let isByHand = false;
  for (const event of BY_HAND) log.addEventListener(event, () => (isByHand = true), { passive: true });
  log.addEventListener("scroll", () => {
    if (isByHand) follow.checked = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    isByHand = false;
  });
}

interface Search {
  add(rows: HTMLElement[], texts: string[]): void;
}

function startSearch(follow: HTMLInputElement): Search {
  const input = document.getElementById("log-search") as HTMLInputElement;
  const found = document.getElementById("log-found") as HTMLOutputElement;
  const all: { row: HTMLElement; text: string }[] = [];
  let hits: HTMLElement[] = [];
  let at = 0;

  const term = () => input.value.trim().toLowerCase();
  const say = () => {
    const words = hits.length ? t("%(number)s of %(all)s", { number: at + 1, all: hits.length }) : t("No matches");
    found.textContent = term() ? words : "";
  };
  const look = () => {
    for (const row of hits) row.classList.remove("hit", "current");
    hits = term() ? all.filter(({ text }) => text.includes(term())).map(({ row }) => row) : [];
    for (const row of hits) row.classList.add("hit");
    at = 0;
    step(0);
  };
  const step = (by: number) => {
    hits[at]?.classList.remove("current");
    at = hits.length ? (at + by + hits.length) % hits.length : 0;
    const row = hits[at];
    if (row) {
      follow.checked = false;
      row.classList.add("current");
      row.scrollIntoView({ block: "center" });
    }
    say();
  };

  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
  });
  document.getElementById("log-next")?.addEventListener("click", () => step(1));
  document.getElementById("log-previous")?.addEventListener("click", () => step(-1));

  return {
    add(rows, texts) {
      const added = rows.map((row, index) => ({ row, text: texts[index] ?? "" }));
      all.push(...added);
      const more = term() ? added.filter(({ text }) => text.includes(term())).map(({ row }) => row) : [];
      for (const row of more) row.classList.add("hit");
      hits.push(...more);
      say();
    },
  };
}
