// Pickers beneath the CRON field. They write it, and read it again after each edit by hand; what they can't show stays text.
import { element, language, setValue, t } from "../page";
import { EVERY_HOURS, EVERY_MINUTES, expression, picked, type Picked, type Rhythm } from "./cron";
import { choice, keepInside, labelled } from "./fields";
import { type Toggles, toggles } from "./toggles";

interface Controls {
  kind: HTMLSelectElement;
  hours: Toggles<number>;
  minute: HTMLSelectElement;
  everyMinutes: HTMLSelectElement;
  everyHours: HTMLSelectElement;
  from: HTMLSelectElement;
  to: HTMLSelectElement;
  dayKind: HTMLSelectElement;
  weekdays: Toggles<number>;
  days: Toggles<number | "L">;
  months: Toggles<number>;
}

const FIRST: Picked = { rhythm: { kind: "times", hours: [8], minute: 0 }, weekdays: [], days: [], months: [] };
const WEEK = [1, 2, 3, 4, 5, 6, 0];

export function cronPickers(input: HTMLInputElement): void {
  let isWriting = false;
  const controls = made(() => write());
  const pickers = laidOut(controls);
  const begin = element("button", { type: "button", class: "act small" }, t("Use the pickers"));
  const said = t("The pickers can't show this expression; it is used as it is written.");
  const beyond = element("p", { class: "picker-beyond" }, said, begin);
  keepInside(pickers);
  input.after(pickers, beyond);

  function write(): void {
    arrange(pickers, controls);
    const now = entered(controls, picked(input.value));
    if (now.rhythm.kind === "times" && !now.rhythm.hours.length) return; // none chosen yet, which would mean all
    isWriting = true;
    setValue(input, expression(now));
    isWriting = false;
  }

  function read(): void {
    if (isWriting) return;
    const found = input.value.trim() ? picked(input.value) : FIRST;
    pickers.hidden = !found;
    beyond.hidden = !!found;
    show(controls, found ?? FIRST);
    arrange(pickers, controls);
  }

  begin.addEventListener("click", () => {
    setValue(input, expression(FIRST));
    controls.kind.focus();
  });
  input.addEventListener("input", read);
  input.form?.addEventListener("change", (event) => {
    const { name, value } = event.target as HTMLInputElement;
    if (name === "schedule_type" && value === "cron" && !input.value) setValue(input, expression(FIRST));
  });
  read();
}

function made(changed: () => void): Controls {
  const minute = choice(options(range(0, 59), two), changed);
  return {
    kind: choice(
      [
        ["times", t("at fixed hours")],
        ["minutes", t("every few minutes")],
        ["hours", t("every few hours")],
      ],
      changed,
    ),
    hours: toggles(t("Hours"), options(range(0, 23), two), changed),
    minute,
    everyMinutes: choice(options(EVERY_MINUTES), changed),
    everyHours: choice(options(EVERY_HOURS), changed),
    from: choice(options(range(0, 23), (hour) => `${two(hour)}:00`), changed),
    to: choice(options(range(0, 23), (hour) => `${two(hour)}:59`), changed),
    dayKind: choice(
      [
        ["all", t("every day")],
        ["weekdays", t("on weekdays")],
        ["days", t("on days of the month")],
      ],
      changed,
    ),
    weekdays: toggles(t("Weekdays"), options(WEEK, weekdayName), changed),
    days: toggles<number | "L">(t("Days of the month"), [...options(range(1, 31)), ["L", t("last day")]], changed),
    months: toggles(t("Months"), options(range(1, 12), monthName), changed),
  };
}

/** `data-when`: the kinds of rhythm or days for which a part is shown. */
function laidOut(controls: Controls): HTMLElement {
  const part = (when: string, field: HTMLElement) => (field.setAttribute("data-when", when), field);
  const row = (...fields: HTMLElement[]) => element("div", { class: "picker-row" }, ...fields);
  const { months } = controls;
  return element(
    "div",
    { class: "pickers" },
    row(
      labelled(t("How often"), controls.kind),
      part("minutes", labelled(t("minutes between runs"), controls.everyMinutes)),
      part("minutes", labelled(t("from"), controls.from)),
      part("minutes", labelled(t("to"), controls.to)),
      part("hours", labelled(t("hours between runs"), controls.everyHours)),
      part("times hours", labelled(t("at minute"), controls.minute)),
    ),
    part("times", row(controls.hours.box)),
    row(labelled(t("On which days"), controls.dayKind)),
    part("weekdays", row(controls.weekdays.box)),
    part("days", row(controls.days.box)),
    element("details", {}, element("summary", {}, t("Only in some months")), row(months.box)),
  );
}

function arrange(pickers: HTMLElement, { kind, dayKind }: Controls): void {
  for (const part of pickers.querySelectorAll<HTMLElement>("[data-when]")) {
    const when = (part.dataset.when ?? "").split(" ");
    part.hidden = !when.includes(kind.value) && !when.includes(dayKind.value);
  }
}

/** `before`: what the expression said; cronsim takes `L` alone, so that of both the newer one stays. */
function entered(controls: Controls, before: Picked | null): Picked {
  const { dayKind, weekdays, months } = controls;
  let days = controls.days.chosen();
  if (days.includes("L") && days.length > 1) {
    days = before?.days.includes("L") ? days.filter((day) => day !== "L") : ["L"];
    controls.days.show(days);
  }
  return {
    rhythm: rhythmOf(controls),
    weekdays: dayKind.value === "weekdays" ? weekdays.chosen() : [],
    days: dayKind.value === "days" ? days : [],
    months: months.chosen(),
  };
}

function rhythmOf({ kind, hours, minute, everyMinutes, everyHours, from, to }: Controls): Rhythm {
  const at = Number(minute.value);
  if (kind.value === "hours") return { kind: "hours", every: Number(everyHours.value), minute: at };
  if (kind.value === "times") return { kind: "times", hours: hours.chosen(), minute: at };
  const first = Number(from.value);
  return { kind: "minutes", every: Number(everyMinutes.value), from: first, to: Math.max(first, Number(to.value)) };
}

function show(controls: Controls, { rhythm, weekdays, days, months }: Picked): void {
  controls.kind.value = rhythm.kind;
  controls.hours.show(rhythm.kind === "times" ? rhythm.hours : []);
  controls.minute.value = String(rhythm.kind === "minutes" ? 0 : rhythm.minute);
  controls.everyMinutes.value = String(rhythm.kind === "minutes" ? rhythm.every : 15);
  controls.everyHours.value = String(rhythm.kind === "hours" ? rhythm.every : 2);
  controls.from.value = String(rhythm.kind === "minutes" ? rhythm.from : 0);
  controls.to.value = String(rhythm.kind === "minutes" ? rhythm.to : 23);
  controls.dayKind.value = weekdays.length ? "weekdays" : days.length ? "days" : "all";
  controls.weekdays.show(weekdays);
  controls.days.show(days);
  controls.months.show(months);
}

const two = (value: number) => String(value).padStart(2, "0");
const range = (least: number, most: number) => Array.from({ length: most - least + 1 }, (_, index) => least + index);

function options(values: number[], text: (value: number) => string = String): [number, string][] {
  return values.map((value) => [value, text(value)]);
}

function weekdayName(day: number): string {
  const sunday = 1; // of January 2023
  return new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" }).format(Date.UTC(2023, 0, sunday + day));
}

function monthName(month: number): string {
  return new Intl.DateTimeFormat(language, { month: "short", timeZone: "UTC" }).format(Date.UTC(2023, month - 1, 1));
}
