// A message stands in a frame of its own, whose sandbox lets no script run: nothing but its height is taken from it.
function fit(frame) {
  const body = frame.contentDocument?.body;
  if (!body) return;
  const measure = () => (frame.style.height = `${Math.ceil(body.getBoundingClientRect().height)}px`);
  new ResizeObserver(measure).observe(body);
  measure();
}

// "load" doesn't bubble, but comes by on its way down.
document.addEventListener(
  "load",
  ({ target }) => {
    if (target instanceof HTMLIFrameElement && target.matches(".message")) fit(target);
  },
  true,
);
for (const frame of document.querySelectorAll("iframe.message")) fit(frame);
