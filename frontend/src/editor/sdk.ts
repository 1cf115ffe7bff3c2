// Completion and hover help for what a script may call, from GET /api/scheduled-tasks/sdk-docs.
import { type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { pythonLanguage } from "@codemirror/lang-python";
import type { Extension } from "@codemirror/state";
import { hoverTooltip, type EditorView, type Tooltip } from "@codemirror/view";
import { get } from "../api";
import { element, language, t, urls } from "../page";

interface Said {
  doc: string;
  doc_zh: string;
}
interface SdkDocs {
  functions: ({ name: string; signature: string; example: string; max_bytes: Sizes } & Said)[];
  variables: ({ name: string } & Said)[];
  modules: { name: string; source: string; example: string }[];
  result_types: ({ name: string; example: string } & Said)[];
  examples: Example[];
}
type Sizes = Record<string, number>;
/** A script to start from. */
export interface Example {
  title: string;
  title_zh: string;
  description: string;
  description_zh: string;
  parameters: Record<string, unknown>;
  parameters_zh: Record<string, unknown>;
  dependencies: string;
  script: string;
}
/** What is known of one name. */
export interface Entry {
  name: string;
  type: "function" | "variable" | "namespace" | "text";
  signature: string;
  doc: string;
  example: string;
  limits?: string;
}

let asked: Promise<SdkDocs> | undefined;

export function sdk(): Extension {
  return [pythonLanguage.data.of({ autocomplete: complete }), hoverTooltip(help, { hoverTime: 250 })];
}

/** Asked for once a page. */
function docs(): Promise<SdkDocs> {
  asked ??= get<SdkDocs>(urls.sdk);
  return asked;
}

/** Nothing where the server does not answer. */
export function entries(): Promise<Entry[]> {
  return docs().then(entriesOf, () => []);
}

export function examples(): Promise<Example[]> {
  return docs().then((known) => known.examples, () => []);
}

function entriesOf(docs: SdkDocs): Entry[] {
  const doc = (said: Said) => (language.startsWith("zh") ? said.doc_zh : said.doc);
  return [
    ...docs.functions.map((f): Entry => ({ ...f, type: "function", doc: doc(f), limits: limits(f.max_bytes) })),
    ...docs.variables.map((v): Entry => ({ ...v, type: "variable", signature: v.name, doc: doc(v), example: "" })),
    ...docs.modules.map((m): Entry => ({ ...m, type: "namespace", signature: m.source, doc: "" })),
    ...docs.result_types.map(
      (r): Entry => ({ ...r, name: `result ${r.name}`, type: "text", signature: r.name, doc: doc(r) }),
    ),
  ];
}

/** The sandbox's limits of the arguments; "" where there are none. */
function limits(maxBytes: Sizes): string {
  const each = Object.entries(maxBytes).map(([name, bytes]) => `${name} ${size(bytes)}`);
  return each.length ? t("At most: %(limits)s", { limits: each.join(", ") }) : "";
}

function size(bytes: number): string {
  return bytes < 1 << 20 ? `${bytes >> 10} KiB` : `${bytes >> 20} MiB`;
}

async function complete(context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[\w.]*/);
  if (!word || word.text.includes(".") || (word.from === word.to && !context.explicit)) return null;
  const options = (await entries()).map(option);
  return { from: word.from, options, validFor: /^\w*$/ };
}

function option(entry: Entry): Completion {
  const apply = entry.type === "text" ? { apply: entry.example } : {};
  const detail = entry.type === "function" ? entry.signature.slice(entry.name.length) : "";
  return { label: entry.name, type: entry.type, detail, boost: 10, info: () => shown(entry), ...apply };
}

async function help(view: EditorView, at: number): Promise<Tooltip | null> {
  const word = view.state.wordAt(at);
  if (!word) return null;
  const before = view.state.sliceDoc(Math.max(word.from - 1, 0), word.from);
  const name = view.state.sliceDoc(word.from, word.to);
  const entry = before === "." ? undefined : (await entries()).find((known) => known.name === name);
  return entry ? { pos: word.from, end: word.to, above: true, create: () => ({ dom: shown(entry) }) } : null;
}

function shown(entry: Entry): HTMLElement {
  const parts = [
    element("code", { class: "sdk-signature" }, entry.signature),
    ...(entry.doc ? [element("p", {}, entry.doc)] : []),
    ...(entry.limits ? [element("p", { class: "sdk-limits" }, entry.limits)] : []),
    ...(entry.example ? [element("pre", {}, entry.example)] : []),
  ];
  return element("div", { class: "sdk-help" }, ...parts);
}
