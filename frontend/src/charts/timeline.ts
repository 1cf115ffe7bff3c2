// The nodes of a Dify run as bars over time, drawn after
//   <script type="application/json" data-timeline>{"spans": [Span…], "left_out": 0}</script>
// which is what `scheduling.executors.dify.timeline.as_json` gives (null draws nothing). Times are seconds since the call.
import { element, t } from "../page";
import { type Lane, lanes } from "./lanes";

interface Span {
  node_id: string;
  kind: string;
  title: string;
  started_at: number;
  finished_at: number | null; // no end was seen
  status: string;
  tokens: number;
  error: string;
  retries: number;
  inside: string; // node_id of the iteration or loop around it, or ""
  step: number | null; // its round in there, from 0
}
interface Timeline {
  spans: Span[];
  left_out: number;
}

export function drawTimelines(): void {
  for (const script of document.querySelectorAll("script[data-timeline]")) {
    const timeline = JSON.parse(script.textContent ?? "null") as Timeline | null;
    if (timeline?.spans.length) script.after(drawn(timeline));
  }
}

function drawn({ spans, left_out }: Timeline): HTMLElement {
  const end = Math.max(...spans.map((span) => span.finished_at ?? span.started_at), 0.001);
  const picture = lanes(spans.map((span) => lane(span, end)), axis(end));
  const made = element("div", { class: "timeline" }, picture);
  if (left_out) made.append(element("p", { class: "note" }, t("%(count)s more are not shown.", { count: left_out })));
  return made;
}

function lane(span: Span, end: number): Lane {
  const finished = span.finished_at ?? end;
  const took = t("%(seconds)s s", { seconds: (finished - span.started_at).toFixed(2) });
  const facts = [
    took,
    span.status === "succeeded" ? "" : (STATUSES[span.status]?.() ?? span.status),
    span.tokens ? t("%(count)s tokens", { count: span.tokens }) : "",
    span.retries ? t("%(count)s retries", { count: span.retries }) : "",
  ];
  const note = facts.filter(Boolean).join(" · ");
  const round = span.step === null ? "" : ` #${span.step + 1}`;
  const name = `${span.title || span.kind}${round}`;
  const title = [name, span.kind, note, span.error].filter(Boolean).join("\n");
  const bar = { from: span.started_at / end, to: finished / end, kind: span.status, title };
  return { name, depth: span.inside ? 1 : 0, note: span.error ? `${note} · ${span.error}` : note, marks: [bar] };
}

const STATUSES: Record<string, () => string> = {
  failed: () => t("failed"),
  running: () => t("no end was seen"),
  stopped: () => t("stopped"),
  exception: () => t("failed, went on"),
};

function axis(end: number): { at: number; text: string }[] {
  return [0, 0.25, 0.5, 0.75].map((part) => ({ at: part, text: `${(part * end).toFixed(end < 10 ? 1 : 0)} s` }));
}
