// `<span data-refresh-part="id" data-refresh-every="2">`: that part of the page is read again as long as the page has the mark.
const MARK = "[data-refresh-part]";

declare global {
  interface Window {
    Actions?: (boxes: NodeListOf<Element>) => void; // Django's own, of lists
  }
}

export function startRefreshing(): void {
  const mark = document.querySelector<HTMLElement>(MARK);
  if (mark) setTimeout(() => void refresh(mark), 1000 * Number(mark.dataset.refreshEvery));
}

async function refresh(mark: HTMLElement): Promise<void> {
  const id = mark.dataset.refreshPart ?? "";
  try {
    if (!isInUse(id)) await replace(id);
  } catch {
    // the server is away: the next look may find it
  }
  startRefreshing();
}

/** Somebody who selects rows would lose them. */
function isInUse(id: string): boolean {
  return document.hidden || !!document.getElementById(id)?.querySelector("input:checked");
}

async function replace(id: string): Promise<void> {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id);
  const shown = document.getElementById(id);
  if (!fresh || !shown || isInUse(id) || fresh.textContent === shown.textContent) return;
  shown.replaceWith(fresh);
  const boxes = fresh.querySelectorAll("tr input.action-select");
  if (boxes.length) window.Actions?.(boxes); // the new boxes have no listeners yet
}
