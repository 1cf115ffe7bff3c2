// Adds the run's new lines while it runs and draws its nodes anew; once it has ended the page is loaded again for its result.
(() => {
  const log = document.getElementById("run-lines");
  if (!log) return;
  const UNFINISHED = ["queued", "running"];
  const began = log.dataset.status;
  let after = log.dataset.after;
  let isLeaving = false; // to load the page again would lose the click
  addEventListener("beforeunload", () => (isLeaving = true));

  function add([, at, stream, text]) {
    const line = document.createElement("div");
    const time = document.createElement("time");
    const words = document.createElement("span");
    line.className = `line ${stream}`;
    time.textContent = at;
    words.textContent = text;
    line.append(time, words);
    log.append(line);
  }

  function draw(html) {
    const timeline = document.getElementById("run-timeline");
    if (!html) return;
    timeline.innerHTML = html;
    timeline.parentElement.hidden = false;
  }

  async function look() {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    let found;
    try {
      const answer = await fetch(`${log.dataset.url}?after=${after}`);
      if (!answer.ok) throw new Error(answer.status);
      found = await answer.json();
    } catch {
      setTimeout(look, 5000);
      return;
    }
    found.lines.forEach(add);
    draw(found.timeline);
    if (found.lines.length) document.querySelector(".no-lines").hidden = true;
    if (atEnd) log.scrollTop = log.scrollHeight;
    after = found.after;
    if (found.lines.length) setTimeout(look, UNFINISHED.includes(found.status) ? 1000 : 0);
    else if (UNFINISHED.includes(found.status)) setTimeout(look, 1000);
    else if (UNFINISHED.includes(began) && !isLeaving) location.reload();
  }

  log.scrollTop = log.scrollHeight;
  look();
})();
