// The task form: only the fields of the chosen kind and schedule, pickers, and what the schedule means.
import { json } from "./page";
import { cronPickers } from "./schedule/cron_pickers";
import { intervals } from "./schedule/interval";
import { preview } from "./schedule/preview";
import { chips } from "./schedule/time_points";

type ShownWhen = Record<string, [choice: string, values: (string | boolean)[] | null]>;

export function startTaskForm(): void {
  const form = document.querySelector<HTMLFormElement>("#scheduledtask_form");
  const shownWhen = json<ShownWhen>("shown-when");
  if (!form || !shownWhen || !field(form, "schedule_type")) return; // somebody who may only look
  const isNew = !field(form, "loaded_version")?.value;
  form.addEventListener("change", (event) => {
    const changed = event.target as HTMLInputElement;
    if (changed.name === "use_windows") changed.dataset.chosen = "yes";
    if (changed.name === "execution_type" && isNew) windowsForDify(form);
    hideWhatHasNoMeaning(form, shownWhen);
  });
  if (isNew) windowsForDify(form);
  hideWhatHasNoMeaning(form, shownWhen);
  openWhatIsWrong(form);
  startPickers(form);
  saveByKey(form);
}

function openWhatIsWrong(form: HTMLFormElement): void {
  for (const details of form.querySelectorAll("details")) details.open ||= !!details.querySelector(".errorlist");
}

/** Ctrl+S saves and stays where one was. */
function saveByKey(form: HTMLFormElement): void {
  const place = `saved ${location.pathname}`;
  const top = sessionStorage.getItem(place);
  sessionStorage.removeItem(place);
  if (top) window.scrollTo(0, Number(top));
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    sessionStorage.setItem(place, String(window.scrollY));
    form.requestSubmit(document.querySelector<HTMLButtonElement>("button[name=_continue]"));
  });
}

function startPickers(form: HTMLFormElement): void {
  const input = (name: string, start: (found: HTMLInputElement) => void) => {
    const found = field<HTMLInputElement>(form, name);
    if (found) start(found);
  };
  input("time_points", chips);
  input("cron_expression", cronPickers);
  input("interval_minutes", intervals);
  const place = document.getElementById("schedule-preview");
  if (place) preview(form, place);
}

function field<T extends HTMLElement = HTMLInputElement>(form: HTMLFormElement, name: string): T | null {
  return form.elements.namedItem(name) as T | null;
}

function hideWhatHasNoMeaning(form: HTMLFormElement, shownWhen: ShownWhen): void {
  for (const [name, [choice, values]] of Object.entries(shownWhen)) {
    const chosen = valueOf(form, choice);
    const line = lineOf(form, name);
    if (chosen === undefined || !line) continue;
    line.hidden = !!lineOf(form, choice)?.hidden || !(values ? values.includes(chosen) : chosen);
  }
  for (const row of form.querySelectorAll<HTMLElement>(".form-row")) row.hidden = !hasShown(row, ".field-line");
  for (const fieldset of form.querySelectorAll<HTMLElement>("fieldset.module")) {
    fieldset.hidden = !!fieldset.querySelector(".form-row") && !hasShown(fieldset, ".form-row");
  }
}

/** Of a checkbox whether it is checked; undefined where the form has no such field. */
function valueOf(form: HTMLFormElement, name: string): string | boolean | undefined {
  const found = form.elements.namedItem(name);
  if (found instanceof HTMLInputElement && found.type === "checkbox") return found.checked;
  return (found as HTMLInputElement | RadioNodeList | null)?.value;
}

/** What is only shown has no field and no class of its own, but an id. */
function lineOf(form: HTMLFormElement, name: string): HTMLElement | null | undefined {
  return form.querySelector<HTMLElement>(`.field-line.field-${name}`) ?? document.getElementById(name)?.closest<HTMLElement>(".field-line");
}

function hasShown(box: HTMLElement, inner: string): boolean {
  return [...box.querySelectorAll<HTMLElement>(inner)].some((element) => !element.hidden);
}

/** Data windows are what an interval of a Dify task is for; nobody is overruled who has chosen already. */
function windowsForDify(form: HTMLFormElement): void {
  const box = field<HTMLInputElement>(form, "use_windows");
  if (box && !box.dataset.chosen) box.checked = field(form, "execution_type")?.value === "dify";
}
