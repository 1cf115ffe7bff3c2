// A row that is under way is read again every two seconds, and shown again where something has changed.
const UNDER_WAY = 2000;

async function look() {
  let fresh = null;
  try {
    const answer = document.hidden ? null : await fetch(location.href);
    if (answer?.ok) fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("content-main");
  } catch {
    // the server is away: the next look may find it
  }
  const shown = document.getElementById("content-main");
  if (fresh && fresh.textContent !== shown.textContent) shown.replaceWith(fresh);
  if (document.getElementById("under-way")) setTimeout(look, UNDER_WAY);
}

if (document.getElementById("under-way")) setTimeout(look, UNDER_WAY);
