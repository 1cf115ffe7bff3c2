// What comes next: the tasks due soonest, each with its due times of the next 24 hours.
import { element, language, t } from "../page";
import { lanes } from "./lanes";

/** `from`, `to` and `at`: ISO 8601. `at` is cut at the server's limit. */
export interface Coming {
  from: string;
  to: string;
  timezone: string;
  tasks: { name: string; url: string; schedule: string; at: string[] }[];
}

const HOUR = 3_600_000;

export function drawComing(place: HTMLElement, { from, to, timezone, tasks }: Coming): void {
  const begin = Date.parse(from);
  const length = Date.parse(to) - begin;
  const clock = new Intl.DateTimeFormat(language, { timeZone: timezone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const rows = tasks.map(({ name, url, schedule, at }) => ({
    name,
    link: url,
    note: at[0] ? clock.format(Date.parse(at[0])) : "",
    marks: at.map((time) => ({
      at: (Date.parse(time) - begin) / length,
      title: `${clock.format(Date.parse(time))} · ${schedule}`,
    })),
  }));
  const every = 6 * HOUR;
  const first = Math.ceil(begin / every) * every;
  const ticks = [0, 1, 2, 3].map((n) => first + n * every).map((time) => ({ at: (time - begin) / length, text: clock.format(time) }));
  place.replaceChildren(lanes(rows, ticks), element("p", { class: "lane-zone" }, t("Times in %(zone)s", { zone: timezone })));
}
