/* Helps on a bad line, and is never needed: every page is complete without it (docs/decisions/0006). It keeps what is
half-typed on the server, holds a send while the connection is down, warns before the page closes, counts characters
near a limit, and lets one press be one. It keeps nothing in the browser. */
(() => {
  "use strict";
  const ONE_PRESS = 10000, PAUSE = 1500, LONGEST_UNKEPT = 10000, PATIENCE = 20000, AGAIN = 5000, TICK = 15000;
  const DOUBLE = 1000, WARN = 5 * 60000; // all in milliseconds
  const WHEN = "sent-at"; // what tells a late word of this page from one typed after it was sent
  const form = document.getElementById("answers");
  let pressed = 0, button = null; // when a button sent something from here, and which
  let held = null, since = 0; // the button that waits for the connection
  let leaving = () => {};
  let down = false, running = null, timer = 0;

  const sending = () => Date.now() - pressed < ONE_PRESS;

  addEventListener("pageshow", () => { pressed = 0; });
  document.addEventListener("submit", (event) => {
    if (sending() && event.submitter === button) return event.preventDefault();
    const away = event.submitter && event.submitter.value === "leave";
    if (held && Date.now() - since < DOUBLE && !away) return event.preventDefault();
    if (event.target !== form) leaving();
    if (away) document.documentElement.hidden = true; // at once, however slow the line
    if (event.target === form && (!navigator.onLine || down) && !held && !away) {
      event.preventDefault();
      held = event.submitter || form.querySelector("[data-action=continue]");
      since = Date.now();
      say("down");
      return again();
    }
    held = null; // pressed once more while it was held: the browser may try by itself
    pressed = Date.now();
    button = event.submitter;
    clearTimeout(timer);
    if (running) running.abort();
  });
  if (!form || !form.dataset.typed) return;

  /* What is said, in the page's own words */

  const said = document.getElementById("said"), words = document.getElementById("says").content;
  let saying = "";
  const sentence = (name, number) => {
    const found = words.querySelector(`[data-say="${name}"]`).cloneNode(true);
    const place = found.querySelector("[data-number]");
    if (place) place.textContent = number;
    return found;
  };
  const say = (name, number) => {
    const now = name + (number || "");
    if (saying !== now) said.replaceChildren(...(name ? [sentence(name, number)] : []));
    saying = now;
  };
  said.addEventListener("click", (event) => { if (event.target.matches("[data-stay]")) keep(true); });

  /* Half-typed pages are kept: in a pause, and when the page is hidden or left */

  form.addEventListener("formdata", (event) => { // by a clock that nobody can set
    event.formData.set(WHEN, Math.round(performance.timeOrigin + performance.now()));
  });
  const stamped = () => new URLSearchParams(new FormData(form));
  const typed = () => {
    const all = stamped();
    all.delete(WHEN);
    return all;
  };
  let kept = String(typed());
  let contact = Date.now(); // when the server last heard from this page
  let unkept = 0; // when the first of what is not kept yet was typed

  const keep = async (even) => {
    const now = typed();
    if (running || (String(now) === kept && !even)) return;
    if (sending()) return soon();
    const mine = running = new AbortController();
    const patience = setTimeout(() => mine.abort(), PATIENCE);
    try {
      const send = { method: "POST", body: stamped(), signal: mine.signal, redirect: "manual" };
      const answer = await fetch(form.dataset.typed, send);
      if (answer.status >= 500 || answer.status === 409) throw new Error(answer.status); // nobody has it: tried again
      kept = String(now);
      if (left() > 0) contact = Date.now();
      unkept = 0;
      down = false;
      if (!held && left() > WARN) say("");
    } catch {
      if (!sending()) down = true;
    } finally {
      clearTimeout(patience);
      running = null;
    }
    if (down) return again();
    if (held) return held.click();
    if (String(typed()) !== kept) soon();
  };
  const soon = () => {
    unkept = unkept || Date.now();
    clearTimeout(timer);
    timer = setTimeout(keep, Math.max(0, Math.min(PAUSE, unkept + LONGEST_UNKEPT - Date.now())));
  };
  const again = () => { clearTimeout(timer); timer = setTimeout(() => keep(true), navigator.onLine ? AGAIN : TICK); };
  leaving = () => {
    if (!sending() && String(typed()) !== kept) navigator.sendBeacon(form.dataset.typed, stamped());
  };
  form.addEventListener("input", (event) => { soon(); count(event.target); });
  addEventListener("online", () => keep(true));
  addEventListener("pagehide", leaving);
  document.addEventListener("visibilitychange", () => { if (document.hidden) leaving(); else tick(); });

  /* Before the page closes; a phone that slept finds out when it wakes */

  const left = () => contact + form.dataset.idle * 60000 - Date.now();
  const tick = () => {
    if (!held && left() < WARN) say(left() > 0 ? "idle" : "closed", Math.ceil(left() / 60000));
  };
  setInterval(tick, TICK);

  /* Characters near a limit */

  const count = (box) => {
    const most = Number(box.dataset.longest), free = most - [...box.value].length;
    if (!most) return;
    const id = `${box.id}-left`, before = document.getElementById(id);
    const place = before || Object.assign(document.createElement("div"), { id });
    place.setAttribute("role", "status");
    if (!before) box.after(place);
    clearTimeout(place.dataset.timer);
    place.dataset.timer = setTimeout(() => {
      place.replaceChildren(...(free > most / 10 ? [] : [sentence(free < 0 ? "over" : "left", Math.abs(free))]));
    }, 500);
  };
})();
