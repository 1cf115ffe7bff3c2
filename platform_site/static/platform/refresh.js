// Loads a part of the page again, as often as that part says; what is being typed elsewhere is left alone.
for (const part of document.querySelectorAll("[data-refresh]")) {
  const seconds = () => Number(part.querySelector("[data-refresh-seconds]")?.dataset.refreshSeconds || 30);
  const look = async () => {
    try {
      const answer = document.hidden ? null : await fetch(part.dataset.refresh);
      if (answer?.ok) part.innerHTML = await answer.text();
    } catch {
      // the server is away: the next look may find it
    }
    setTimeout(look, 1000 * seconds());
  };
  setTimeout(look, 1000 * seconds());
}
