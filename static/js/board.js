// Keeps the first page true: fetches its live part every few seconds and counts the promised times down.
"use strict";

(() => {
  const board = document.getElementById("board");
  if (!board) {
    return;
  }
  const lost = document.getElementById("board-lost");
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "always" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  let skew = 0;

  function readClock() {
    const inner = board.querySelector("[data-now]");
    skew = inner ? Date.parse(inner.dataset.now) - Date.now() : 0;
  }

  function countDown() {
    board.querySelectorAll("time[data-until]").forEach((place) => {
      const seconds = Math.round((Date.parse(place.dateTime) - Date.now() - skew) / 1000);
      const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) || units[3];
      place.textContent = words.format(Math.trunc(seconds / size), unit);
      place.classList.toggle("cc-late", seconds < 0);
      place.classList.toggle("cc-soon", seconds >= 0 && seconds < 900);
    });
  }

  // Whoever stands on a link with the keyboard stands on it still after a refresh.
  function replace(text) {
    const focused = board.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    board.innerHTML = text;
    readClock();
    countDown();
    if (focused) {
      const again = [...board.querySelectorAll("a[href]")].find((link) => link.getAttribute("href") === focused);
      again?.focus({ preventScroll: true });
    }
  }

  async function refresh() {
    if (document.hidden) {
      return;
    }
    try {
      const answer = await fetch(board.dataset.source, { credentials: "same-origin", redirect: "manual" });
      if (answer.type === "opaqueredirect") {
        window.location.reload();
        return;
      }
      if (!answer.ok) {
        throw new Error(String(answer.status));
      }
      replace(await answer.text());
      lost.hidden = true;
    } catch {
      lost.hidden = false;
    }
  }

  readClock();
  countDown();
  window.setInterval(countDown, 1000);
  window.setInterval(refresh, 1000 * Number(board.dataset.seconds));
})();
