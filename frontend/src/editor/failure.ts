// Where a test run has failed: read from what it says, marked in the script until the next run or the next change.
import { StateEffect, StateField } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Problem } from "./check";

const failing = StateEffect.define<Problem | null>();

export const failure = StateField.define<Problem | null>({
  create: () => null,
  update(was, { docChanged, effects }) {
    for (const effect of effects) if (effect.is(failing)) return effect.value;
    return docChanged ? null : was; // the line is another then
  },
});

export function mark(view: EditorView, problem: Problem | null): void {
  view.dispatch({ effects: failing.of(problem) });
}

/** As sandbox/guest/failures.py writes it: the innermost of the script's own lines comes last, and is followed by the message. */
export function problemOf(error: string): Problem | null {
  const place = [...error.matchAll(/^[ |]*File "script\.py", line (\d+)/gm)].at(-1);
  if (!place) return null;
  const message = error.slice(place.index).split("\n").find((line) => /^\w/.test(line));
  return { line: Number(place[1]), column: 0, severity: "error", message: message ?? error };
}

export function goTo(view: EditorView, line: number): void {
  const { from } = view.state.doc.line(Math.min(line, view.state.doc.lines));
  view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  view.focus();
}
