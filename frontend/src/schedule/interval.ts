// The usual intervals, one press away.
import { language, setValue, t } from "../page";
import { keepInside } from "./fields";
import { toggles } from "./toggles";

const MINUTES = [5, 10, 15, 30, 60, 120, 360, 720, 1440];

export function intervals(input: HTMLInputElement): void {
  let before: number[] = [];
  const presets = toggles(t("Usual intervals"), MINUTES.map((minutes) => [minutes, words(minutes)]), pressed);
  keepInside(presets.box);
  input.after(presets.box);

  function pressed(): void {
    const chosen = presets.chosen().find((minutes) => !before.includes(minutes));
    setValue(input, chosen ? String(chosen) : "");
    show();
  }

  function show(): void {
    before = [Number(input.value)];
    presets.show(before);
  }

  input.addEventListener("input", show);
  show();
}

function words(minutes: number): string {
  const [value, unit] = minutes < 60 ? [minutes, "minute"] : minutes < 1440 ? [minutes / 60, "hour"] : [minutes / 1440, "day"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value);
}
