// Selects that are searched (select2): what it leaves out.
{
  const label = (select) => {
    const found = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    if (found) found.id ||= `${select.id}_label`;
    return found?.id;
  };

  // Who hears a page is told what is chosen, but not for what.
  function name(select, box) {
    const asks = label(select);
    if (!asks) return;
    const combo = box.querySelector("[role=combobox]");
    const shown = box.querySelector(".select2-selection__rendered");
    combo.setAttribute("aria-labelledby", shown.id ? `${asks} ${shown.id}` : asks);
    combo.setAttribute("aria-controls", `select2-${select.id}-results`);
    shown.setAttribute("role", "none"); // no text field inside of the field, no list with a button between its items
    shown.removeAttribute("aria-readonly");
    box.querySelector("[role=searchbox]")?.setAttribute("aria-labelledby", asks);
  }

  new MutationObserver((changes) => {
    for (const added of changes.flatMap((change) => [...change.addedNodes])) {
      const select = added.previousElementSibling;
      if (added.matches?.(".select2-container") && select?.matches("select")) name(select, added);
    }
  }).observe(document, { childList: true, subtree: true });

  document.addEventListener("DOMContentLoaded", () => {
    const pages = window.django?.jQuery?.(document);
    pages?.on("select2:open", (event) => {
      const asks = label(event.target);
      const field = document.querySelector(".select2-container--open .select2-dropdown .select2-search__field");
      if (asks) field?.setAttribute("aria-labelledby", asks);
    });
    // What is chosen is told by jQuery alone; the rest of the page listens to the browser's own event.
    pages?.on("change", "select.select2-hidden-accessible", (event) => {
      if (!event.originalEvent) event.target.dispatchEvent(new Event("change", { bubbles: true }));
    });
  });
}
