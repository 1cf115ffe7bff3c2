// Two texts side by side, in the place of
//   <script type="application/json" data-diff>{"old": "…", "new": "…", "language": "python"}</script>
// `language`: python, json, jinja or text. On narrow screens one above the other, line by line.
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { minimalSetup } from "codemirror";
import { element, t } from "../page";
import { jinja } from "./jinja";
import { phrases } from "./phrases";
import { themed } from "./theme";

interface Diff {
  old: string;
  new: string;
  language?: string;
}

const NARROW = "(max-width: 700px)";
const LANGUAGES: Record<string, () => Extension> = { python, json: () => json(), jinja: () => jinja };

export function drawDiffs(): void {
  for (const script of document.querySelectorAll("script[data-diff]")) {
    const place = element("div", { class: "editor diff" });
    script.after(place);
    draw(JSON.parse(script.textContent ?? "{}") as Diff, place);
  }
}

function draw(diff: Diff, place: HTMLElement): void {
  const folded = { collapseUnchanged: { margin: 3, minSize: 6 } };
  if (matchMedia(NARROW).matches) {
    const merged = unifiedMergeView({ original: diff.old, mergeControls: false, ...folded });
    view(new EditorView({ doc: diff.new, extensions: [...readOnly(diff, t("New text")), merged], parent: place }));
    return;
  }
  const a = { doc: diff.old, extensions: readOnly(diff, t("Old text")) };
  const b = { doc: diff.new, extensions: readOnly(diff, t("New text")) };
  const both = new MergeView({ a, b, parent: place, ...folded });
  view(both.a);
  view(both.b);
}

function view(shown: EditorView): void {
  shown.contentDOM.tabIndex = 0;
}

function readOnly(diff: Diff, label: string): Extension[] {
  return [
    minimalSetup,
    LANGUAGES[diff.language ?? ""]?.() ?? [],
    themed(),
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.lineWrapping,
    EditorState.phrases.of(phrases()),
    EditorView.contentAttributes.of({ "aria-label": label, role: "textbox", "aria-readonly": "true" }),
  ];
}
