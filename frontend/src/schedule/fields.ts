// Small labelled fields of the pickers.
import { element } from "../page";

/** The label is around the field: nobody needs an id. */
export function labelled(text: string, field: HTMLElement): HTMLElement {
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
