// What the schedule means, asked of the server while it is entered: its next due times, by the function that fires them.
const WAIT = 300;
const COLUMNS = [
  "schedule_type",
  "time_points",
  "cron_expression",
  "interval_minutes",
  "run_at",
  "timezone",
  "calendar",
  "start_at",
  "end_at",
  "spread_seconds",
  "use_windows",
  "last_end_time",
  "tenant",
];

/** True of `run_at_0` and `calendar_policy`, too. */
function says(name: string): boolean {
  return COLUMNS.some((column) => name.startsWith(column));
}

export function preview(form: HTMLFormElement, place: HTMLElement): void {
  let waiting = 0;
  let asked = 0;
  const atFirst = asText(entered(form));
  let isUntouched = true; // until then nothing is wrong, whatever the form lacks

  async function show(): Promise<void> {
    const mine = ++asked;
    const body = entered(form);
    isUntouched &&= asText(body) === atFirst;
    const answer = await fetch(place.dataset.url ?? "", { method: "POST", body }).catch(() => undefined);
    const html = answer?.ok ? await answer.text() : "";
    if (mine !== asked) return;
    place.innerHTML = html;
    putErrorsBesideFields(form, place, isUntouched);
  }

  function soon(event: Event): void {
    if (!says((event.target as HTMLInputElement).name ?? "")) return;
    clearTimeout(waiting);
    waiting = window.setTimeout(() => void show(), WAIT);
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  void show();
}

function asText(data: FormData): string {
  return JSON.stringify([...data]);
}

/** What is wrong with a field stands below it, and no longer below the preview. */
function putErrorsBesideFields(form: HTMLFormElement, place: HTMLElement, quiet: boolean): void {
  for (const old of form.querySelectorAll(".field-line .problem[data-field]")) if (!place.contains(old)) old.remove();
  for (const error of place.querySelectorAll<HTMLElement>(".problem[data-field]")) {
    if (quiet) error.remove();
    else form.querySelector(`.field-line.field-${error.dataset.field} > .grow`)?.append(error);
  }
}

/** The schedule's fields only: a script may be long. */
function entered(form: HTMLFormElement): FormData {
  const all = new FormData(form);
  for (const name of [...all.keys()]) if (!says(name) && name !== "csrfmiddlewaretoken") all.delete(name);
  return all;
}
