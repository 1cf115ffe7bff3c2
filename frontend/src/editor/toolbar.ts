// The buttons above an editor: find, compare with what is saved, full screen.
import { unifiedMergeView } from "@codemirror/merge";
import { openSearchPanel } from "@codemirror/search";
import { Compartment, type Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { element, t } from "../page";

const comparing = new Compartment();

/** What an editor must have for the buttons to act on it. */
export function actable(): Extension {
  return [comparing.of([]), keymap.of([{ key: "F11", run: toggleFull }])];
}

/** `saved`: the text that the page came with; "" where there was none. */
export function toolbar(view: EditorView, saved: string): HTMLElement {
  const buttons = [button(t("Find"), "search", () => openSearchPanel(view))];
  if (saved) buttons.push(compare(view, saved));
  buttons.push(button(t("Full screen"), "fullscreen", () => toggleFull(view)));
  return element("div", { class: "editor-bar", role: "toolbar", "aria-label": t("Editor") }, ...buttons);
}

function compare(view: EditorView, saved: string): HTMLButtonElement {
  const made = button(t("Compare with the saved text"), "difference", () => {
    const on = made.getAttribute("aria-pressed") !== "true";
    made.setAttribute("aria-pressed", String(on));
    const shown = on ? unifiedMergeView({ original: saved, mergeControls: true }) : [];
    view.dispatch({ effects: comparing.reconfigure(shown) });
  });
  made.setAttribute("aria-pressed", "false");
  return made;
}

/** Escape, unless a list or the search was open and has taken it. */
export function leaveFull(view: EditorView, event: KeyboardEvent): void {
  if (event.key !== "Escape" || event.defaultPrevented || !view.dom.closest(".full")) return;
  event.preventDefault();
  toggleFull(view);
}

function toggleFull(view: EditorView): boolean {
  const full = view.dom.closest(".editor")?.classList.toggle("full") ?? false;
  document.body.classList.toggle("editor-is-full", full);
  view.requestMeasure();
  view.focus();
  return true;
}

function button(label: string, icon: string, act: () => void): HTMLButtonElement {
  const picture = element("span", { class: "material-symbols-outlined", "aria-hidden": "true" }, icon);
  return element("button", { type: "button", title: label, "aria-label": label, click: act }, picture);
}
