// What the server tells the bundle: `{% frontend %}` writes it into the page (platform_site/templatetags/frontend.py).
interface Settings {
  texts: Record<string, string>;
  urls: { sdk: string; check: string; trial: string; message: string };
  nonce: string;
}

const nothing: Settings = { texts: {}, urls: { sdk: "", check: "", trial: "", message: "" }, nonce: "" };
const settings: Settings = json("frontend-settings") ?? nothing;

export const urls = settings.urls;
/** By which the Content-Security-Policy lets a style element pass. */
export const nonce = settings.nonce;
export const language = document.documentElement.lang || "en";

/** In the reader's language; `%(name)s` is replaced. The English texts are the keys, as in gettext. */
export function t(text: string, values: Record<string, string | number> = {}): string {
  return (settings.texts[text] ?? text).replace(/%\((\w+)\)s/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The content of `<script type="application/json" id="…">`. */
export function json<T>(id: string): T | undefined {
  const script = document.getElementById(id);
  return script ? (JSON.parse(script.textContent ?? "null") as T) : undefined;
}

type Child = Node | string;

/** `attributes` are set as attributes; a function listens to the event of its name. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string | boolean | EventListener> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** As a person would: whoever listens to the form hears of it. */
export function setValue(field: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement, value: string): void {
  if (field.value === value) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

export function isDark(): boolean {
  return document.documentElement.classList.contains("dark");
}

/** unfold puts the class `dark` on the page, also while it is open. */
export function onThemeChange(act: () => void): void {
  let was = isDark();
  new MutationObserver(() => {
    if (was !== isDark()) act();
    was = isDark();
  }).observe(document.documentElement, { attributeFilter: ["class"] });
}
