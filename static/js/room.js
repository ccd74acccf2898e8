// The parts of the crisis room that change by themselves: bars grow, times count down, the pulse is fetched anew.
"use strict";

(() => {
  const twoDigits = (number) => String(number).padStart(2, "0");

  const counted = (milliseconds) => {
    const seconds = Math.floor(Math.abs(milliseconds) / 1000);
    const days = Math.floor(seconds / 86400);
    const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(":");
    return `${milliseconds < 0 ? "−" : ""}${days ? `${days} × 24 h + ` : ""}${clock}`;
  };

  const grow = (root) => {
    root.querySelectorAll("[data-grow]").forEach((part) => {
      part.style.flexGrow = part.dataset.grow;
    });
  };

  const count = () => {
    document.querySelectorAll("time[data-due]").forEach((moment) => {
      moment.textContent = counted(Date.parse(moment.dateTime) - Date.now());
    });
  };

  const beat = async (pulse) => {
    try {
      const answer = await fetch(pulse.dataset.source, { credentials: "same-origin", redirect: "error" });
      if (!answer.ok) {
        throw new Error(answer.statusText);
      }
      pulse.innerHTML = await answer.text();
      grow(pulse);
      count();
    } catch {
      if (!pulse.querySelector(".rm-lost")) {
        const words = document.createElement("p");
        words.className = "rm-lost";
        words.setAttribute("role", "status");
        words.textContent = pulse.dataset.lost;
        pulse.prepend(words);
      }
    }
  };

  document.addEventListener("DOMContentLoaded", () => {
    grow(document);
    count();
    // On a phone the tabs scroll sideways: the open one is brought into sight.
    const tabs = document.querySelector(".rm-tabs");
    const open = tabs?.querySelector("[aria-current]");
    if (open) {
      tabs.scrollLeft = open.offsetLeft - tabs.offsetLeft - 16;
    }
    window.setInterval(count, 1000);
    const pulse = document.getElementById("room-pulse");
    if (!pulse) {
      return;
    }
    const seconds = Number(pulse.dataset.seconds);
    const again = async () => {
      if (!document.hidden) {
        await beat(pulse);
      }
      window.setTimeout(again, seconds * 1000);
    };
    window.setTimeout(again, seconds * 1000);
  });
})();
