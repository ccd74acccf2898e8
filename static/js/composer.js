// Says beside each language, while it is written, what the wording check makes of it; the form works without it.
"use strict";

(() => {
  const PAUSE = 600;
  const waiting = new Map();

  const ask = async (form, language) => {
    const given = new FormData(form);
    given.set("language", language);
    try {
      const answer = await fetch(form.dataset.wording, {
        method: "POST",
        body: given,
        credentials: "same-origin",
        redirect: "error",
      });
      if (!answer.ok) {
        return;
      }
      const { reports } = await answer.json();
      Object.entries(reports).forEach(([code, shown]) => {
        const place = form.querySelector(`.rm-live[data-language="${code}"]`);
        if (place) {
          place.innerHTML = shown;
        }
      });
    } catch {
      // Advice that does not come is no reason to disturb whoever writes.
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    const second = document.querySelector("form[data-second]");
    second?.addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = await fetch(second.dataset.second, {
        method: "POST",
        body: new FormData(second),
        credentials: "same-origin",
        redirect: "error",
      });
      if (answer.ok) {
        second.querySelector(".rm-live").innerHTML = (await answer.json()).marks;
      }
    });
    const form = document.querySelector("form[data-wording]");
    if (!form) {
      return;
    }
    form.querySelectorAll(".rm-live").forEach((place) => ask(form, place.dataset.language));
    form.addEventListener("input", (event) => {
      const column = event.target.closest(".rm-column");
      if (!column) {
        return;
      }
      const language = column.querySelector(".rm-live").dataset.language;
      window.clearTimeout(waiting.get(language));
      waiting.set(language, window.setTimeout(() => ask(form, language), PAUSE));
    });
  });
})();
