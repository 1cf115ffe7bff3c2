// Buttons that copy: `data-copy` holds the text; on a link it is empty, and the text is what the link leads to.
import { t } from "./page";

const SHOWN = 2000;

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as HTMLElement).closest<HTMLElement>("[data-copy]");
    if (!button) return;
    event.preventDefault();
    void copyFrom(button);
  });
}

async function copyFrom(button: HTMLElement): Promise<void> {
  const text = button instanceof HTMLAnchorElement ? await (await fetch(button.href)).text() : (button.dataset.copy ?? "");
  await copy(text);
  button.dataset.copied = t("Copied");
  setTimeout(() => delete button.dataset.copied, SHOWN);
}

/** Browsers lend the clipboard to pages of https and of this machine only; elsewhere a selected text is copied. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
