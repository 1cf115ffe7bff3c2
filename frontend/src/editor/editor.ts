// CodeMirror in the place of each `<textarea data-editor="python|json|jinja|text">`. The textarea stays, holds the text and is
// what the form sends; without JavaScript it is what people write in.
import { indentWithTab } from "@codemirror/commands";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { element, setValue, t } from "../page";
import { startFrom } from "./examples";
import { LANGUAGES } from "./languages";
import { phrases } from "./phrases";
import { themed } from "./theme";
import { actable, leaveFull, toolbar } from "./toolbar";

const views = new WeakMap<HTMLTextAreaElement, EditorView>();

export function startEditors(): void {
  for (const textarea of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-editor]")) edit(textarea);
}

export function editorOf(textarea: HTMLTextAreaElement): EditorView | undefined {
  return views.get(textarea);
}

function edit(textarea: HTMLTextAreaElement): void {
  const language = LANGUAGES[textarea.dataset.editor ?? "text"];
  if (!language) return;
  const extensions: Extension = [
    language(),
    themed(),
    actable(),
    keymap.of(isScript(textarea) ? [indentWithTab] : []),
    EditorState.phrases.of(phrases()),
    EditorView.contentAttributes.of(spoken(textarea)),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) setValue(textarea, update.state.doc.toString());
    }),
  ];
  const view = new EditorView({ doc: textarea.value, extensions });
  show(view, textarea);
  views.set(textarea, view);
}

function show(view: EditorView, textarea: HTMLTextAreaElement): void {
  const box = element("div", { class: isScript(textarea) ? "editor large" : "editor" });
  if (isScript(textarea)) box.append(toolbar(view, textarea.defaultValue));
  if (isScript(textarea)) box.append(startFrom(textarea));
  box.append(view.dom);
  if (isScript(textarea)) box.append(element("p", { class: "editor-keys", id: `${textarea.id}_keys` }, keys()));
  box.style.setProperty("--rows", String(textarea.rows));
  box.addEventListener("keydown", (event) => leaveFull(view, event));
  textarea.hidden = true;
  textarea.after(box);
  for (const label of textarea.labels) label.addEventListener("click", () => view.focus());
}

function isScript(textarea: HTMLTextAreaElement): boolean {
  return textarea.dataset.editor === "python";
}

/** In a script Tab indents: how to leave must be said (WCAG 2.1.2). */
function keys(): string {
  return t("Press Ctrl+Space to complete, Ctrl+F to find, F11 for full screen and Esc to exit it. To leave the editor, press Esc, then Tab.");
}

function spoken(textarea: HTMLTextAreaElement): Record<string, string> {
  const label = textarea.labels[0]?.textContent?.replace(/\s+/g, " ").trim() ?? textarea.name;
  const described = isScript(textarea) ? { "aria-describedby": `${textarea.id}_keys` } : {};
  return { "aria-label": label, tabindex: "0", ...described };
}
