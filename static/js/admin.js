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

// Of the questions about the severity only those of the types chosen are open; without script all can be opened.
document.addEventListener("DOMContentLoaded", () => {
  const questions = document.querySelector("[data-questions-of]");
  if (!questions) {
    return;
  }
  const selects = questions.dataset.questionsOf.split(" ").map((id) => document.getElementById(id));
  const show = () => {
    const chosen = new Set(selects.filter(Boolean).map((select) => select.value.split("/")[0]));
    questions.querySelectorAll("[data-playbook]").forEach((group) => {
      group.hidden = !chosen.has(group.dataset.playbook);
      group.open = !group.hidden;
    });
  };
  selects.filter(Boolean).forEach((select) => select.addEventListener("change", show));
  show();
});
