// uPlot as all charts here want it: as wide as its place, in the page's colours, with categories on the x axis.
import uPlot from "uplot";
import { onThemeChange } from "../page";
import { colour } from "./colours";

const HEIGHT = 200;

export interface Chart {
  labels: string[];
  /** Where a click on each label's bar or point leads. */
  links: string[];
  series: uPlot.Series[];
  /** One list a series, as long as `labels`; null: no value. */
  values: (number | null)[][];
  unit?: string;
}

export function plot(place: HTMLElement, chart: Chart): uPlot {
  const data = [chart.labels.map((_, index) => index), ...chart.values] as uPlot.AlignedData;
  const made = new uPlot({ ...look(chart), width: width(place), height: HEIGHT }, data, place);
  new ResizeObserver(() => made.setSize({ width: width(place), height: HEIGHT })).observe(place);
  made.over.addEventListener("click", () => {
    const link = chart.links[made.cursor.idx ?? -1];
    if (link) location.assign(link);
  });
  onThemeChange(() => made.redraw(true, true)); // bars keep their colours with their paths
  return made;
}

const width = (place: HTMLElement) => Math.max(place.clientWidth, 200);

function look({ labels, series, unit = "" }: Chart): Omit<uPlot.Options, "width" | "height"> {
  const axis: uPlot.Axis = {
    stroke: () => colour("muted"),
    grid: { stroke: () => colour("line"), width: 1 },
    ticks: { show: false },
    font: "11px sans-serif",
  };
  const name = (index: number | null) => (index === null ? "" : (labels[index] ?? ""));
  const amount = (value: number) => `${value.toLocaleString()}${unit}`;
  return {
    scales: { x: { time: false, range: [-0.6, labels.length - 0.4] }, y: { range: (_, __, most) => [0, Math.max(most, 1) * 1.05] } },
    axes: [
      { ...axis, grid: { show: false }, values: (_, at) => at.map(name), incrs: [1, 2, 3, 6, 7, 12], space: 38 },
      { ...axis, size: 52, values: (_, at) => at.map(amount), incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, ...THOUSANDS] },
    ],
    // Not dashes, but the newest, until the pointer names another.
    hooks: { ready: [(made) => made.setLegend({ idx: labels.length - 1 })] },
    series: [{ value: (_, index: number | null) => name(index) }, ...series],
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
  };
}

const THOUSANDS = [1000, 2000, 5000, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6];
