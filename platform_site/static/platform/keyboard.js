// unfold's menus, folds and themes open by a click on what is no button. Here the keyboard gets to them, too.
{
  const CLICKED = ":is([x-on\\:click], [x-on\\:click\\.prevent]):not(a[href], button, input, select, textarea, label, :empty)";

  document.addEventListener("DOMContentLoaded", () => {
    for (const one of document.querySelectorAll(CLICKED)) {
      one.tabIndex = 0;
      if (!one.matches("h2")) one.setAttribute("role", "button");
    }
  });

  document.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches(CLICKED)) return;
    event.preventDefault();
    event.target.click();
  });
}
