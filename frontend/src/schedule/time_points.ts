// Time points as chips over the text field that holds `08:00, 12:30`. The text stays in reach: for seconds, for pasting.
import { element, setValue, t } from "../page";
import { keepInside } from "./fields";

const POINT = /^([01]\d|2[0-3])(:[0-5]\d){1,2}$/;

export function chips(input: HTMLInputElement): void {
  const list = element("ul", { class: "chips" });
  const time = element("input", { type: "time", class: "picker", "aria-label": t("Time of day") });
  const add = element("button", { type: "button", class: "act small", click: added }, t("Add"));
  const picker = element("div", { class: "picker-row" }, time, add);
  const asText = element("details", { class: "as-text" }, element("summary", {}, t("Edit as text")));
  keepInside(picker);
  input.before(list, picker, asText);
  asText.append(input);

  const write = (points: string[]) => setValue(input, [...new Set(points)].sort().join(", "));

  function added(): void {
    if (time.value) write([...pointsOf(input.value), time.value]);
    time.value = "";
    time.blur(); // or the next time would be typed from where this one ended, at its minutes
    time.focus();
  }

  function removed(points: string[], point: string): void {
    write(points.filter((other) => other !== point));
    time.focus(); // the chip that had it is gone
  }

  function show(): void {
    const points = pointsOf(input.value);
    list.replaceChildren(...points.map((point) => chip(point, () => removed(points, point))));
    if (points.some((point) => !POINT.test(point))) asText.open = true;
  }

  time.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it would save the form
    added();
  });
  input.addEventListener("input", show);
  show();
}

/** As the server splits them (scheduling/admin/schedule_form.py). */
function pointsOf(text: string): string[] {
  return text.split(/[\s,;，；、[\]"']+/).filter(Boolean);
}

function chip(point: string, remove: () => void): HTMLElement {
  const label = t("Remove %(point)s", { point });
  const cross = element("button", { type: "button", title: label, "aria-label": label, click: remove }, "×");
  return element("li", { class: POINT.test(point) ? "chip" : "chip wrong" }, point, cross);
}
