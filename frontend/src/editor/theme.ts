// Colours are CSS variables (style.css), so that light and dark follow unfold's; CodeMirror's own parts are told.
import { syntaxHighlighting } from "@codemirror/language";
import { Compartment, type Extension } from "@codemirror/state";
import { EditorView, ViewPlugin } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { isDark, nonce, onThemeChange } from "../page";

export function themed(): Extension {
  const shade = new Compartment();
  const wanted = () => EditorView.theme({}, { dark: isDark() });
  const following = ViewPlugin.define((view) => {
    onThemeChange(() => view.dispatch({ effects: shade.reconfigure(wanted()) }));
    return {};
  });
  return [EditorView.cspNonce.of(nonce), shade.of(wanted()), following, syntaxHighlighting(classHighlighter)];
}
