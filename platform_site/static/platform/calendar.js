// A click on a day changes it in place; without JavaScript the page is loaded again.
document.addEventListener("submit", async (event) => {
  if (event.target.id !== "year-days") return;
  event.preventDefault();
  const day = event.submitter.value;
  const answer = await fetch(event.target.action, { method: "POST", body: new FormData(event.target, event.submitter) });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const year = page.getElementById("calendar-year");
  if (!answer.ok || !year) return location.reload();
  document.getElementById("calendar-year").replaceWith(year);
  year.querySelector(`[value="${day}"]`)?.focus({ preventScroll: true });
});
