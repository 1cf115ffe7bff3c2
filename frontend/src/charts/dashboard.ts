// The dashboard's charts, from the numbers that the page came with (platform_site/pages/dashboard.py).
import uPlot from "uplot";
import { json, t } from "../page";
import { colour, type Status, STATUSES } from "./colours";
import { type Coming, drawComing } from "./coming";
import { plot } from "./plot";

type Day = { day: string; url: string } & Record<Status, number>;
interface Hour {
  hour: string;
  url: string;
  p50: number | null;
  p99: number | null;
}
interface Numbers {
  days: Day[];
  hours: Hour[];
  coming: Coming;
}

export function drawDashboard(): void {
  const numbers = json<Numbers>("dashboard-numbers");
  if (!numbers) return;
  at("chart-days", (place) => drawDays(place, numbers.days));
  at("chart-lateness", (place) => drawLateness(place, numbers.hours));
  at("chart-coming", (place) => drawComing(place, numbers.coming));
}

function at(id: string, draw: (place: HTMLElement) => void): void {
  const place = document.getElementById(id);
  if (place) draw(place);
}

/** Bars stand on one another: each series is drawn as the sum with those before it, the highest first. */
function drawDays(place: HTMLElement, days: Day[]): void {
  const names: Record<Status, string> = {
    success: t("success"),
    failed: t("failed"),
    missed: t("missed"),
    skipped: t("skipped"),
    canceled: t("canceled"),
  };
  const shown = STATUSES.filter((status) => status === "success" || days.some((day) => day[status]));
  const sums = shown.map((_, index) => days.map((day) => shown.slice(0, index + 1).reduce((sum, status) => sum + day[status], 0)));
  const series = shown.map(
    (status): uPlot.Series => ({
      label: names[status],
      fill: () => colour(status),
      stroke: () => colour(status),
      width: 0,
      paths: uPlot.paths.bars?.({ size: [0.65, 48], radius: 0.1 }) as uPlot.Series.PathBuilder,
      points: { show: false },
      value: (_, __, ___, index) => (index === null ? "" : String(days[index]?.[status] ?? "")),
    }),
  );
  plot(place, {
    labels: days.map(({ day }) => day),
    links: days.map(({ url }) => url),
    series: series.reverse(),
    values: sums.reverse(),
  });
}

function drawLateness(place: HTMLElement, hours: Hour[]): void {
  const line = (label: string, name: "first" | "second"): uPlot.Series => ({
    label,
    stroke: () => colour(name),
    width: 2,
    points: { show: true, size: 5, fill: () => colour(name) },
    value: (_, value: number | null) => (value === null ? "–" : `${value.toLocaleString()} ms`),
  });
  plot(place, {
    labels: hours.map(({ hour }) => hour),
    links: hours.map(({ url }) => url),
    series: [line(t("half start within"), "first"), line(t("99 in 100 start within"), "second")],
    values: [hours.map(({ p50 }) => p50), hours.map(({ p99 }) => p99)],
    unit: " ms",
  });
}
