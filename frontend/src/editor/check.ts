// What the server's Python says of the script while it is written, and where a test run of it has failed.
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import type { Extension, Text } from "@codemirror/state";
import type { EditorView, ViewUpdate } from "@codemirror/view";
import { post } from "../api";
import { urls } from "../page";
import { failure } from "./failure";

export interface Problem {
  line: number;
  column: number;
  severity: "error" | "warning";
  message: string;
}

export function checkedByServer(): Extension {
  const needsRefresh = ({ startState, state }: ViewUpdate) => startState.field(failure) !== state.field(failure);
  return [failure, linter(check, { delay: 500, needsRefresh }), lintGutter()];
}

async function check(view: EditorView): Promise<readonly Diagnostic[]> {
  const script = view.state.doc;
  const problems = await said(script.toString());
  const failed = view.state.field(failure); // now, not before the wait: it may have been marked meanwhile
  if (failed && !problems.some(({ line }) => line === failed.line)) problems.push(failed);
  return problems.map((problem) => diagnostic(problem, script));
}

async function said(script: string): Promise<Problem[]> {
  if (!urls.check || !script.trim()) return [];
  try {
    return (await post<{ problems: Problem[] }>(urls.check, { script_content: script })).problems;
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
