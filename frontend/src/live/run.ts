// A run's page: asks for new lines and newer parts until nothing of the run is open (scheduling/admin/run_page.py).
import { get } from "../api";
import { startLog, type Line } from "./log";

interface Live {
  lines: Line[];
  after: number;
  has_more: boolean;
  parts?: Record<string, string>;
  is_open?: boolean;
}

const WAIT = 1000;
const AWAY = 5000;

export function startRun(): void {
  const page = document.getElementById("run");
  if (page?.dataset.live) void follow(page.dataset.live, page);
}

async function follow(url: string, page: HTMLElement): Promise<void> {
  const addLines = startLog();
  const show = replaceParts(page);
  for (let after = 0, isOpen = true; isOpen; ) {
    try {
      const found = await get<Live>(`${url}?after=${after}`);
      addLines(found.lines);
      after = found.after;
      if (found.has_more) continue;
      show(found.parts ?? {});
      isOpen = found.is_open ?? false;
      if (isOpen) await pause(WAIT);
    } catch {
      await pause(AWAY); // the server is away
    }
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, milliseconds));
}

/** Leaves alone what reads the same, so that no frame loads again and no selection is lost. */
function replaceParts(page: HTMLElement): (parts: Record<string, string>) => void {
  const shown = new Map<string, string>();
  return (parts) => {
    for (const [name, html] of Object.entries(parts)) {
      const part = page.querySelector<HTMLElement>(`[data-part="${name}"]`);
      if (!part || shown.get(name) === html) continue;
      const fresh = document.createElement("template");
      fresh.innerHTML = html;
      const isFirst = !shown.has(name);
      shown.set(name, html);
      if (!isFirst || words(fresh.content) !== words(part)) replace(part, fresh.content);
    }
  };
}

function words(node: Node): string {
  return (node.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** Keeps the keyboard where it was. */
function replace(part: HTMLElement, fresh: DocumentFragment): void {
  const stops = () => [...part.querySelectorAll<HTMLElement>("a[href], button, [tabindex]")];
  const focused = stops().indexOf(document.activeElement as HTMLElement);
  part.replaceChildren(fresh);
  stops()[focused]?.focus({ preventScroll: true });
}
