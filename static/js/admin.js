// Small help for the admin's own pages; everything works without it.
"use strict";

// A form marked data-once is sent once: a second click finds its buttons asleep (and the server refuses it anyway).
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-once]")) {
    return;
  }
  window.setTimeout(() => {
    event.target.querySelectorAll("button[type=submit], button:not([type])").forEach((button) => {
      button.disabled = true;
    });
  });
});

// Coming back by the browser's back button finds them awake again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-once] button[disabled]").forEach((button) => {
    button.disabled = false;
  });
});
