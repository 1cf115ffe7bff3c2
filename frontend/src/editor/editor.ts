// CodeMirror in the place of each `<textarea data-editor="python|json|jinja|text">`. The textarea stays, holds the text and is
// what the form sends; without JavaScript it is what people write in.
import { indentWithTab } from "@codemirror/commands";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { element, setValue, t } from "../page";
import { LANGUAGES } from "./languages";
import { phrases } from "./phrases";
import { themed } from "./theme";
import { actable, toolbar } from "./toolbar";

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
    keymap.of([indentWithTab]),
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
  const isScript = textarea.dataset.editor === "python";
  const box = element("div", { class: isScript ? "editor large" : "editor" });
  if (isScript) box.append(toolbar(view, textarea.defaultValue));
  box.append(view.dom);
  if (isScript) box.append(element("p", { class: "editor-keys", id: `${textarea.id}_keys` }, keys()));
  box.style.setProperty("--rows", String(textarea.rows));
  textarea.hidden = true;
  textarea.after(box);
  for (const label of textarea.labels) label.addEventListener("click", () => view.focus());
}

/** Tab indents: how to leave must be said (WCAG 2.1.2). */
function keys(): string {
  return t("Ctrl+Space completes, Ctrl+F finds, F11 is full screen. Esc, then Tab leaves the editor.");
}

function spoken(textarea: HTMLTextAreaElement): Record<string, string> {
  const label = textarea.labels[0]?.textContent?.replace(/\s+/g, " ").trim() ?? textarea.name;
  const described = textarea.dataset.editor === "python" ? { "aria-describedby": `${textarea.id}_keys` } : {};
  return { "aria-label": label, tabindex: "0", ...described };
}
