// A row of buttons that are in or out: hours, weekdays, days, months. One tab stop; arrow keys move inside.
import { element } from "../page";

export interface Toggles<T> {
  box: HTMLElement;
  show: (values: readonly T[]) => void;
  chosen: () => T[];
}

export function toggles<T extends string | number>(
  label: string,
  choices: readonly [value: T, text: string][],
  changed: () => void,
): Toggles<T> {
  const buttons = choices.map(([, text]) =>
    element("button", { type: "button", class: "toggle", "aria-pressed": "false", tabindex: "-1" }, text),
  );
  const box = element("div", { class: "toggles", role: "group", "aria-label": label }, ...buttons);
  const press = (button: HTMLElement, on: boolean) => button.setAttribute("aria-pressed", String(on));
  const isPressed = (button: HTMLElement) => button.getAttribute("aria-pressed") === "true";
  buttons[0]?.setAttribute("tabindex", "0");
  box.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLButtonElement>(".toggle");
    if (!button) return;
    press(button, !isPressed(button));
    rove(buttons, button);
    changed();
  });
  box.addEventListener("keydown", (event) => move(event, buttons));
  return {
    box,
    show: (values) => buttons.forEach((button, index) => press(button, values.includes((choices[index] as [T, string])[0]))),
    chosen: () => choices.filter((_, index) => isPressed(buttons[index] as HTMLElement)).map(([value]) => value),
  };
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

function move(event: KeyboardEvent, buttons: HTMLButtonElement[]): void {
  const by = STEPS[event.key];
  const now = buttons.indexOf(event.target as HTMLButtonElement);
  if (!by || now < 0) return;
  event.preventDefault();
  const next = buttons[(now + by + buttons.length) % buttons.length] as HTMLButtonElement;
  rove(buttons, next);
  next.focus();
}

function rove(buttons: HTMLButtonElement[], to: HTMLButtonElement): void {
  for (const button of buttons) button.tabIndex = button === to ? 0 : -1;
}
