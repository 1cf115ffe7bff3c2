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

  async function show(): Promise<void> {
    const mine = ++asked;
    const answer = await fetch(place.dataset.url ?? "", { method: "POST", body: entered(form) }).catch(() => undefined);
    const html = answer?.ok ? await answer.text() : "";
    if (mine === asked) place.innerHTML = html;
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

/** The schedule's fields only: a script may be long. */
function entered(form: HTMLFormElement): FormData {
  const all = new FormData(form);
  for (const name of [...all.keys()]) if (!says(name) && name !== "csrfmiddlewaretoken") all.delete(name);
  return all;
}
