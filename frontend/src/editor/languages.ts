// What each `data-editor="…"` of a textarea brings with it.
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import type { Extension } from "@codemirror/state";
import { drawSelection, EditorView } from "@codemirror/view";
import { basicSetup, minimalSetup } from "codemirror";
import { t } from "../page";
import { checkedByServer } from "./check";
import { jinja } from "./jinja";
import { sdk } from "./sdk";

const short: Extension = [minimalSetup, drawSelection(), bracketMatching()];

export const LANGUAGES: Record<string, () => Extension> = {
  python: () => [basicSetup, python(), indentUnit.of("    "), sdk(), checkedByServer()],
  json: () => [short, json(), linter(objectOnly), lintGutter()],
  jinja: () => [short, jinja],
  text: () => [short],
};

/** Empty is allowed, and means {}. */
function objectOnly(view: EditorView): readonly Diagnostic[] {
  const text = view.state.doc.toString();
  if (!text.trim()) return [];
  const wrong = jsonParseLinter()(view);
  if (wrong.length) return wrong;
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && value && !Array.isArray(value)) return [];
  return [{ from: 0, to: text.length, severity: "error", message: t('Write a JSON object: {"name": "value"}.') }];
}
