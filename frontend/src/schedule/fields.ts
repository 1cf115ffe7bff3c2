// Small labelled fields of the pickers.
import { element } from "../page";

/** The name is told as well: of a label around a select, the options would be part. */
export function labelled(text: string, field: HTMLElement): HTMLElement {
  field.setAttribute("aria-label", text);
  return element("label", { class: "picker-field" }, element("span", {}, text), field);
}

export function choice(options: readonly (readonly [string | number, string])[], changed: () => void): HTMLSelectElement {
  const made = options.map(([value, text]) => element("option", { value: String(value) }, text));
  return element("select", { class: "picker", change: changed }, ...made);
}

/** An event inside a picker says nothing of the form's own fields. */
export function keepInside(box: HTMLElement): void {
  for (const name of ["input", "change"]) box.addEventListener(name, (event) => event.stopPropagation());
}
