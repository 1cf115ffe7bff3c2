// What the server's Python says of the script, while it is written.
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import type { Extension, Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { post } from "../api";
import { urls } from "../page";

export interface Problem {
  line: number;
  column: number;
  severity: "error" | "warning";
  message: string;
}

export function checkedByServer(): Extension {
  return [linter(check, { delay: 500 }), lintGutter()];
}

async function check(view: EditorView): Promise<readonly Diagnostic[]> {
  const script = view.state.doc;
  if (!urls.check || !script.toString().trim()) return [];
  try {
    const { problems } = await post<{ problems: Problem[] }>(urls.check, { script_content: script.toString() });
    return problems.map((problem) => diagnostic(problem, script));
  } catch {
    return []; // offline, logged out: saving will tell
  }
}

/** Lines and columns count from 1; a column of 0 is the whole line. */
function diagnostic({ line, column, severity, message }: Problem, script: Text): Diagnostic {
  const place = script.line(Math.min(Math.max(line, 1), script.lines));
  const from = Math.min(place.from + Math.max(column - 1, 0), place.to);
  return { from, to: column ? Math.min(from + 1, place.to) : place.to, severity, message };
}
