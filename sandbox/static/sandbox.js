// Everything works without this file. It counts down, and shows what changed without being asked.
(() => {
  "use strict";
  const left = document.querySelector("[data-left]");
  if (left) {
    const end = Date.now() + Number(left.dataset.left) * 1000;
    const words = left.textContent;
    const show = () => {
      const s = Math.max(0, Math.round((end - Date.now()) / 1000));
      const clock = Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0");
      left.textContent = words.replace(/^\d+ [^,]+/, clock);
      if (s > 0) setTimeout(show, 1000); else location.reload();
    };
    if (Number(left.dataset.left) > 0) show();
  }

  // An order's page looks again every 8 s, and is drawn anew only when the status is another.
  const status = document.body.dataset.status;
  if (status) {
    setInterval(async () => {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (page.body.dataset.status !== status) location.reload();
      } catch { /* away for a moment: the next look finds it */ }
    }, 8000);
  }

  // The control page is told of changes, and leaves alone what a person is typing into.
  const list = () => document.getElementById("orders");
  if (!list() || !window.EventSource) return;
  let late = false;
  const busy = () => list().contains(document.activeElement) && document.activeElement.matches("input, select");
  const refresh = async () => {
    if (busy()) { late = true; return; }
    late = false;
    try {
      const answer = await fetch("/control/orders" + location.search);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("orders");
      if (!answer.ok || !fresh || busy()) return;
      for (const d of list().querySelectorAll("details[open]")) {
        const same = fresh.querySelector("#" + d.id);
        if (same) same.open = true;
      }
      const focused = document.activeElement && list().contains(document.activeElement) ? document.activeElement.closest("article") : null;
      const now = document.getElementById("now");
      if (now) now.textContent = fresh.dataset.now;
      list().replaceWith(fresh);
      if (focused) document.querySelector("#" + focused.id + " button")?.focus({ preventScroll: true });
    } catch { /* the stream tells again */ }
  };
  let timer;
  new EventSource("/control/live").onmessage = (e) => { if (e.data === list().dataset.version) return; clearTimeout(timer); timer = setTimeout(refresh, 120); };
  document.addEventListener("focusout", () => { if (late) setTimeout(refresh, 50); });
})();
