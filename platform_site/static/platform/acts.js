// Buttons that end or delete something ask first; without JavaScript they do it at once.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-confirm]");
  if (button && !window.confirm(button.dataset.confirm)) event.preventDefault();
});

// Its rules are in admin.css: a style element is what the Content-Security-Policy refuses.
if (window.htmx) htmx.config.includeIndicatorStyles = false;
