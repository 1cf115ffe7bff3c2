// Scripts to start from, beside an empty editor: one click fills in the script, its dependencies and its parameters.
import { element, language, setValue, t } from "../page";
import { editorOf } from "./editor";
import { type Example, examples } from "./sdk";

export function startFrom(textarea: HTMLTextAreaElement): HTMLElement {
  const list = element("div", { class: "example-list" });
  const box = element("div", { class: "examples", hidden: true }, element("p", {}, t("Start from an example:")), list);
  const show = () => (box.hidden = !!textarea.value.trim() || !list.childElementCount);
  textarea.addEventListener("input", show);
  void examples().then((known) => {
    list.append(...known.map((example) => choice(example, textarea)));
    show();
  });
  return box;
}

function choice(example: Example, textarea: HTMLTextAreaElement): HTMLElement {
  const isChinese = language.startsWith("zh");
  const title = element("b", {}, isChinese ? example.title_zh : example.title);
  const about = element("span", {}, isChinese ? example.description_zh : example.description);
  const parameters = JSON.stringify(isChinese ? example.parameters_zh : example.parameters, null, 2);
  const fill = () => {
    write(textarea, example.script);
    write(field(textarea, "script_deps"), example.dependencies);
    write(field(textarea, "input_params"), parameters);
    editorOf(textarea)?.focus();
  };
  return element("button", { type: "button", click: fill }, title, about);
}

function field(textarea: HTMLTextAreaElement, name: string): HTMLTextAreaElement | null {
  return (textarea.form?.elements.namedItem(name) as HTMLTextAreaElement | null | undefined) ?? null;
}

/** By the editor, if there is one, so that it can be undone there. */
function write(textarea: HTMLTextAreaElement | null, text: string): void {
  if (!textarea) return;
  const view = editorOf(textarea);
  if (view) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  else setValue(textarea, text);
}
