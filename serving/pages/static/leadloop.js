// What pages do better with a script: filters that apply themselves, menus that close, keys in the queue.
"use strict";
(() => {
  document.documentElement.classList.add("js");
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (target) => target.closest("input, select, textarea, dialog[open]");

  // A filter applies itself when it is chosen by hand; by keyboard every step through its choices would load a page.
  let stepping = false;
  document.addEventListener("keydown", () => (stepping = true), true);
  document.addEventListener("pointerdown", () => (stepping = false), true);
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-at-once]");
    if (form && !stepping) form.requestSubmit();
  });

  document.addEventListener("click", (event) => {
    all("details.pick[open], details.menu[open]").forEach((each) => each.contains(event.target) || (each.open = false));
    if (event.target.closest("[data-help]")) document.getElementById("help").showModal();
  });
  all("[data-help]").forEach((each) => (each.hidden = false));

  const rows = () => all(".queue tbody tr");
  const here = () => document.querySelector(".queue tr.here");

  function goTo(row) {
    if (!row) return;
    all(".queue tr.here").forEach((each) => each.classList.remove("here"));
    row.classList.add("here");
    row.querySelector("a, button")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function step(by) {
    const every = rows(), at = every.indexOf(here());
    goTo(every[at < 0 ? 0 : Math.min(every.length - 1, Math.max(0, at + by))]);
  }
  function open(name) {
    const menu = here()?.querySelector(`details.${name}`);
    if (!menu) return;
    menu.open = true;
    menu.querySelector("button").focus();
  }
  const press = (selector) => here()?.querySelector(selector)?.click();
  function undo() {
    const every = rows(), at = here() ? every.indexOf(here()) : every.length - 1;
    every.slice(0, at + 1).reverse().map((row) => row.querySelector("[data-key=u]")).find(Boolean)?.click();
  }

  const keys = {
    j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
    o: () => press(".lead a"), a: () => press("[data-key=a]"), c: () => press("[data-key=c]"),
    r: () => open("reject"), s: () => open("snooze"), u: undo,
    "?": () => document.getElementById("help")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector("details.pick[open]");
    if (event.key === "Escape" && menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (menu && menu.contains(document.activeElement)) return within(menu, event);
    if (!document.querySelector(".queue") || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });

  function within(menu, event) {
    const choices = all("button", menu), at = choices.indexOf(document.activeElement);
    const number = "123456789".indexOf(event.key);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choices[(at + (event.key === "ArrowDown" ? 1 : choices.length - 1)) % choices.length].focus();
    } else if (number >= 0 && choices[number]) {
      event.preventDefault();
      choices[number].click();
    }
  }

  // After a click the row says what was done; the next one is at hand, as long as the keys are used.
  let by_key = false, place = -1;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const row = event.target.closest(".queue tr");
    by_key = Boolean(row && row.classList.contains("here"));
    place = row ? rows().indexOf(row) : -1;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (place < 0 || event.detail.requestConfig?.verb !== "post") return;
    const row = rows()[place];
    if (by_key && row?.classList.contains("done")) goTo(rows()[place + 1] ?? row);
    else if (by_key) goTo(row);
    else row?.querySelector("button")?.focus({ preventScroll: true });
    place = -1;
  });
})();
