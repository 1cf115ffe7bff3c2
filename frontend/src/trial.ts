// A test run of the script as it stands in the form: its lines as they come, its end, the message as the chat would show it.
import type { EditorView } from "@codemirror/view";
import { get, post, Refused } from "./api";
import { editorOf } from "./editor/editor";
import { goTo, mark, problemOf } from "./editor/failure";
import { element, json, t, urls } from "./page";

interface Line {
  seq: number;
  stream: string;
  text: string;
}
interface Lines {
  items: Line[];
  next_after: number;
  finished: boolean;
}
interface Ended {
  status: "success" | "failed" | "canceled";
  error: string;
  error_code: string;
  result: unknown;
  duration_ms: number;
  message_preview: { origin: string; channel_type: string; notes: string[]; html: string }[];
}
/** What the page came with: the whole request for somebody who may only look, the tenant of a task that has one. */
type Saved = Record<string, unknown>;

const WAIT = 400;
const MAX_SECONDS = 300; // the endpoint's limit

export function startTrial(): void {
  const panel = document.getElementById("trial");
  if (!panel) return;
  const part = <T extends HTMLElement>(name: string) => panel.querySelector(`[data-part=${name}]`) as T;
  const start = part<HTMLButtonElement>("start");
  const stop = part<HTMLButtonElement>("stop");
  let running = "";
  panel.hidden = false;

  async function run(): Promise<void> {
    const editor = scriptEditor();
    const tried = editor?.state.doc;
    clear();
    if (editor) mark(editor, null);
    start.disabled = true;
    try {
      running = (await post<{ test_id: string }>(urls.trial, asked())).test_id;
      stop.hidden = false;
      await follow(`${urls.trial}/${running}`, part("lines"));
      const ended = await get<Ended>(`${urls.trial}/${running}`);
      part("status").replaceChildren(...statusOf(ended));
      part("answer").replaceChildren(...answerOf(ended));
      if (editor && editor.state.doc === tried) showFailure(editor, ended, part("answer"));
    } catch (error) {
      const said = error instanceof Refused ? error.message : t("The server does not answer.");
      part("answer").replaceChildren(problem(said));
      part("status").replaceChildren();
    }
    start.disabled = false;
    stop.hidden = true;
  }

  function clear(): void {
    part("lines").replaceChildren();
    part("answer").replaceChildren();
    part("status").textContent = t("Running…");
  }

  start.addEventListener("click", () => void run());
  stop.addEventListener("click", () => void post(`${urls.trial}/${running}/cancel`, {}).catch(() => undefined));
}

/** Ends when the test has ended and all its lines are shown. */
async function follow(url: string, place: HTMLElement): Promise<void> {
  for (let after = 0, finished = false; !finished; ) {
    const lines = await get<Lines>(`${url}/lines?after=${after}`);
    place.append(...lines.items.map(lineOf));
    if (lines.items.length) place.scrollTop = place.scrollHeight;
    ({ next_after: after, finished } = lines);
    if (!finished) await new Promise((wake) => setTimeout(wake, WAIT));
  }
}

function lineOf({ stream, text }: Line): HTMLElement {
  return element("div", { class: `line ${stream}` }, element("span", {}, text));
}

function field(name: string): HTMLElement | null {
  const form = document.querySelector<HTMLFormElement>("#scheduledtask_form");
  return (form?.elements.namedItem(name) as HTMLElement | null | undefined) ?? null;
}

/** None for somebody who may only look. */
function scriptEditor(): EditorView | undefined {
  const textarea = field("script_content");
  return textarea instanceof HTMLTextAreaElement ? editorOf(textarea) : undefined;
}

/** In the script, with a way to get there: it may be long. */
function showFailure(editor: EditorView, { error }: Ended, place: HTMLElement): void {
  const problem = problemOf(error);
  if (!problem) return;
  mark(editor, problem);
  const words = t("Go to line %(line)s", { line: problem.line });
  place.firstChild?.after(element("button", { type: "button", class: "act small", click: () => goTo(editor, problem.line) }, words));
}

function asked(): Record<string, unknown> {
  const entered = (name: string) => (field(name) as HTMLInputElement | null)?.value;
  const saved: Saved = json("trial-saved") ?? {};
  const script = entered("script_content");
  if (script === undefined) return { ...saved, stream: true };
  return {
    script_content: script,
    script_deps: entered("script_deps") ?? "",
    input_params: params(entered("input_params") ?? ""),
    timeout_seconds: Math.min(Number(entered("timeout_seconds")) || MAX_SECONDS, MAX_SECONDS),
    tenant_id: saved.tenant_id ?? (entered("tenant") || null),
    stream: true,
  };
}

function params(text: string): unknown {
  if (!text.trim()) return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(t("The parameters are not a JSON object."));
  }
}

function statusOf({ status, duration_ms }: Ended): HTMLElement[] {
  const words = { success: t("Success"), failed: t("Failed"), canceled: t("Cancelled") }[status];
  const took = t("%(seconds)s s", { seconds: (duration_ms / 1000).toFixed(2) });
  return [element("b", { class: `status ${status}` }, words), element("span", {}, took)];
}

function answerOf({ error, result, message_preview }: Ended): HTMLElement[] {
  const shown: HTMLElement[] = error ? [problem(error)] : [];
  if (result !== null) {
    shown.push(element("h3", {}, t("Result")));
    shown.push(element("pre", { class: "code" }, typeof result === "string" ? result : JSON.stringify(result, null, 2)));
  }
  if (!message_preview.length) return shown;
  shown.push(element("h3", {}, t("Preview of the chat message (nothing was sent)")));
  const chats = message_preview.map(({ channel_type, notes, html }) =>
    element(
      "figure",
      {},
      element("figcaption", {}, NAMES[channel_type]?.() ?? channel_type),
      chat(html),
      ...notes.map((note) => element("p", { class: "note" }, note)),
    ),
  );
  return [...shown, element("div", { class: "chats" }, ...chats)];
}

const NAMES: Record<string, () => string> = {
  dingtalk_bot: () => t("DingTalk robot"),
  wecom_bot: () => t("WeCom robot"),
  wecom_app: () => t("WeCom app"),
  feishu_bot: () => t("Feishu robot"),
};

/** In a frame without scripts, as the server shows messages, too: notifications/admin/chat.py. */
function chat(html: string): HTMLElement {
  return element("iframe", {
    class: "message",
    sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    title: t("Preview of the chat message (nothing was sent)"),
    srcdoc: `<!doctype html><link rel="stylesheet" href="${urls.message}">${html}`,
  });
}

function problem(text: string): HTMLElement {
  return element("pre", { class: "problem", role: "alert" }, text);
}
