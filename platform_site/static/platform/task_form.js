// Shows only the fields of the chosen kind and schedule, and what the schedule means while it is typed.
(() => {
  const form = document.getElementById("scheduledtask_form");
  if (!form.elements.schedule_type) return; // somebody who may only look
  const shownWhen = JSON.parse(document.getElementById("shown-when").textContent);
  const preview = document.getElementById("schedule-preview");
  const isNew = !document.querySelector('[name="loaded_version"]').value;

  const row = (name) => form.querySelector(`.field-line.field-${name}`);
  const visible = (element) => !element.hidden;

  function hideWhatHasNoMeaning() {
    for (const [name, [choice, values]] of Object.entries(shownWhen)) {
      const select = form.elements[choice];
      if (select && row(name)) row(name).hidden = !values.includes(select.value);
    }
    for (const line of form.querySelectorAll(".form-row")) {
      line.hidden = ![...line.querySelectorAll(".field-line")].some(visible);
    }
    for (const fieldset of form.querySelectorAll("fieldset.module")) {
      const lines = [...fieldset.querySelectorAll(".form-row")];
      fieldset.hidden = lines.length > 0 && !lines.some(visible);
    }
  }

  // Data windows are what an interval of a Dify task is for; nobody is overruled who has chosen already.
  function windowsForDify() {
    const box = form.elements.use_windows;
    if (isNew && box && !box.dataset.chosen) box.checked = form.elements.execution_type.value === "dify";
  }

  let waiting, asked = 0;
  async function showPreview() {
    const mine = ++asked;
    const answer = await fetch(preview.dataset.url, { method: "POST", body: new FormData(form) });
    const html = answer.ok ? await answer.text() : "";
    if (mine === asked) preview.innerHTML = html;
  }

  form.addEventListener("change", (event) => {
    if (event.target.name === "use_windows") event.target.dataset.chosen = "yes";
    if (event.target.name === "execution_type") windowsForDify();
    hideWhatHasNoMeaning();
  });
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(showPreview, 400);
  });
  hideWhatHasNoMeaning();
  if (isNew) windowsForDify();
})();
