// Mostrador's own script for the shop: what a page does better with scripts. Every part stands alone, every page works without it.
(() => {
  "use strict";
  const on = (type, fn, where = document) => where.addEventListener(type, fn);
  const all = (sel, root = document) => [...root.querySelectorAll(sel)];
  const part = (fn) => { try { fn(); } catch { /* one part that fails leaves the others and the plain page */ } };
  const say = (text) => { const e = document.getElementById("spoken"); if (e) { e.textContent = ""; setTimeout(() => { e.textContent = text; }, 50); } };
  const keep = { get: (k) => { try { return sessionStorage.getItem(k); } catch { return null; } }, set: (k, v) => { try { sessionStorage.setItem(k, v); } catch { /* full or refused */ } }, drop: (k) => { try { sessionStorage.removeItem(k); } catch { /* refused */ } } };

  const typed = {}; // fields of the currencies by name, as long as the page stands

  // What changes a page in place comes after its first picture: on a thin line it would take bandwidth from the style sheet. A currency that was
  // chosen before it came is asked for then.
  const late = document.currentScript && document.currentScript.dataset.lateSrc;
  if (late) on("load", () => {
    const script = document.createElement("script");
    script.src = late;
    script.onload = () => part(() => {
      const route = document.getElementById("route"), chosen = route && route.querySelector("input[type=radio]:checked"), quoted = document.querySelector("#pay [name=quoted]");
      if (chosen && quoted && chosen.value !== quoted.value) route.dispatchEvent(new Event("quote"));
    });
    document.head.append(script);
  }, window);

  // Menus close when one looks elsewhere, and with Escape.
  part(() => {
    on("click", (e) => all("details[data-menu][open]").forEach((d) => { if (!d.contains(e.target)) d.open = false; }));
    on("keydown", (e) => {
      if (e.key !== "Escape") return;
      all("details[data-menu][open]").forEach((d) => { d.open = false; d.querySelector("summary").focus(); });
    });
  });

  // The theme changes at once and is kept by the server.
  part(() => on("submit", (e) => {
    const form = e.target.closest("[data-theme-form]"), button = e.submitter;
    if (!form || !button) return;
    e.preventDefault();
    const theme = button.value, root = document.documentElement;
    if (theme === "system") delete root.dataset.theme; else root.dataset.theme = theme;
    const meta = document.querySelector("meta[name=color-scheme]");
    if (meta) meta.content = theme === "system" ? "light dark" : theme;
    const mark = form.querySelector("[aria-current] svg"), was = form.querySelector("[aria-current]");
    if (was) was.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    if (mark) button.append(mark);
    const data = new FormData(form);
    data.set("theme", theme);
    fetch(form.action, { method: "POST", body: new URLSearchParams(data), redirect: "manual" }).catch(() => {});
    form.closest("details").open = false;
    say(button.textContent.trim());
  }));

  // What was typed survives a switch of language. It is forgotten as soon as it is back, and never leaves this window.
  part(() => {
    const fields = (form) => all("input:not([type=hidden]):not([type=search]), textarea, select", form).filter((i) => i.name);
    on("submit", (e) => {
      if (!e.target.matches("[data-keep]")) return;
      all("form[data-typed]").forEach((form) => {
        const kept = fields(form).filter((i) => i.type === "radio" || i.type === "checkbox" ? i.checked : i.value).map((i) => [i.name, i.value]);
        keep.set("typed:" + form.dataset.typed, JSON.stringify(kept));
      });
    });
    all("form[data-typed]").forEach((form) => {
      const key = "typed:" + form.dataset.typed, kept = keep.get(key);
      if (!kept) return;
      keep.drop(key);
      const back = (list) => list.forEach(([name, value]) => fields(form).filter((i) => i.name === name).forEach((i) => {
        if (i.type === "checkbox") i.checked = true;
        else if (i.type === "radio") { if (i.value === value && !i.checked && !i.disabled) { i.checked = true; i.dispatchEvent(new Event("change", { bubbles: true })); } }
        else if (!i.value) i.value = value;
      }));
      JSON.parse(kept).filter(([name]) => name.startsWith("fields[")).forEach(([name, value]) => { typed[name] = value; });
      on("DOMContentLoaded", () => back(JSON.parse(kept)));
    });
  });

  // Fields of the currency: what was typed comes back when the same field does, and a pattern is checked as the person leaves.
  const check = (input) => {
    const pattern = input.dataset.pattern, value = input.value.trim();
    if (!pattern) return;
    let good = true;
    try { good = value === "" || new RegExp(pattern).test(value); } catch { return; } // an exchanger's pattern that this browser cannot read
    const id = input.id + "-mistake", old = document.getElementById(id);
    if (good) {
      if (old && input.dataset.told) { old.remove(); input.removeAttribute("aria-invalid"); delete input.dataset.told; const help = document.getElementById(input.id + "-help"); if (help) { help.hidden = false; input.setAttribute("aria-describedby", help.id); } else input.removeAttribute("aria-describedby"); }
      return;
    }
    if (old) return;
    const p = document.createElement("p");
    p.className = "mistake"; p.id = id; p.textContent = input.dataset.hint;
    const help = document.getElementById(input.id + "-help");
    if (help) help.hidden = true;
    input.after(p);
    input.dataset.told = "1";
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", id);
  };
  part(() => {
    on("input", (e) => { const i = e.target; if (i.name && i.name.startsWith("fields[")) typed[i.name] = i.value; if (i.dataset.told) check(i); });
    let pressed = false; // a mistake that appears while a button is being pressed would move the button away from under the finger
    on("pointerdown", () => { pressed = true; });
    ["pointerup", "pointercancel"].forEach((type) => on(type, () => { pressed = false; }));
    on("focusout", (e) => {
      if (!e.target.matches || !e.target.matches("input[data-pattern]")) return;
      const input = e.target, wait = () => (pressed ? setTimeout(wait, 50) : check(input));
      if (pressed) setTimeout(wait, 150); else check(input);
    });
    on("htmx:afterSwap", () => all("#route-fields input").forEach((i) => { if (!i.value && typed[i.name]) i.value = typed[i.name]; }));
  });

  // A mistake that is put right goes: from beside its field, out of the list and out of the title.
  const fewer = () => {
    const box = document.getElementById("mistakes")?.closest("[data-fewer]");
    if (!box) return;
    all("li", box).forEach((li) => {
      const field = document.getElementById(li.querySelector("a").hash.slice(1));
      if (!field || !(field.matches("[aria-invalid]") || field.querySelector("[aria-invalid]"))) li.remove();
    });
    const left = all("li", box).length, [count, ...rest] = document.title.split(" · "), words = (name) => (box.dataset[name] || "").split("\n")[left - 1];
    if (left && !words("fewer")) return; // as many as before
    if (left) { document.getElementById("mistakes").textContent = words("fewer"); document.title = [words("fewerWindow"), ...rest].join(" · "); return; }
    box.remove();
    if (/^\d/.test(count)) document.title = rest.join(" · ");
  };
  const fits = (pattern, value) => { try { return new RegExp(pattern).test(value); } catch { return true; } };
  part(() => on("input", (e) => {
    const i = e.target, line = i.id && document.getElementById(i.id + "-mistake");
    if (!line || i.dataset.told || !i.closest("main form[data-once]")) return;
    const good = i.type === "checkbox" ? i.checked : i.type === "email" ? /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(i.value.trim()) : i.value.trim() && fits(i.dataset.pattern || "", i.value.trim());
    if (!good) return;
    line.remove();
    i.removeAttribute("aria-invalid"); i.removeAttribute("aria-describedby");
    fewer();
  }));

  // A currency that was chosen in place puts mistakes right.
  part(() => on("htmx:afterSwap", (e) => {
    if (!e.detail.target || e.detail.target.id !== "route-fields") return;
    const route = document.getElementById("route"), line = document.getElementById("route-mistake");
    if (line) {
      line.remove();
      [route, ...all("input[aria-describedby=route-mistake]", route)].forEach((i) => { i.removeAttribute("aria-invalid"); i.removeAttribute("aria-describedby"); });
    }
    fewer();
  }));

  // A form is sent once. The button says what happens until the next page is there.
  part(() => {
    on("submit", (e) => {
      const form = e.target;
      if (!form.matches("[data-once]") || e.defaultPrevented) return;
      if (form.dataset.sent) { e.preventDefault(); return; }
      const button = e.submitter || form.querySelector("[type=submit]");
      if (form.dataset.once === "" && !(button && button.dataset.busy)) return;
      form.dataset.sent = "1";
      if (!button) return;
      const words = button.querySelector("span") || button;
      button.dataset.was = words.textContent;
      button.setAttribute("aria-busy", "true");
      button.setAttribute("aria-disabled", "true"); // not disabled: that would take the focus away
      const text = button.dataset.busy || form.dataset.once;
      if (text) { words.textContent = text; say(text); }
      if (button.dataset.slow) setTimeout(() => {
        if (!form.dataset.sent || form.querySelector("[data-slow-said]")) return;
        const p = document.createElement("p");
        p.className = "mt-3 text-sm text-muted"; p.dataset.slowSaid = "1"; p.textContent = button.dataset.slow;
        button.after(p);
        say(p.textContent);
      }, 5000);
    });
    // What is being sent is not changed under way: a new amount would bring a new button.
    on("htmx:beforeRequest", (e) => { if (e.target.closest && e.target.closest("form[data-sent]")) e.preventDefault(); });
    on("pageshow", (e) => { // the browser's Back brings the page as it was left
      if (!e.persisted) return;
      document.getElementById("route")?.dispatchEvent(new Event("quote")); // its amounts are of before
      all("form[data-sent]").forEach((f) => { delete f.dataset.sent; });
      all("[data-slow-said]").forEach((s) => s.remove());
      all("[aria-busy]").forEach((b) => { b.removeAttribute("aria-busy"); b.removeAttribute("aria-disabled"); if (b.dataset.was) (b.querySelector("span") || b).textContent = b.dataset.was; });
    }, window);
  });

  // Copying.
  part(() => on("click", async (e) => {
    const button = e.target.closest("[data-copy]");
    if (!button) return;
    try { await navigator.clipboard.writeText(button.dataset.copy); } catch {
      const area = document.createElement("textarea");
      area.value = button.dataset.copy; area.className = "sr-only";
      document.body.append(area); area.select();
      const done = document.execCommand("copy");
      area.remove(); button.focus();
      if (!done) return;
    }
    const word = button.querySelector("[data-word]"), was = word.textContent;
    if (button.classList.contains("btn-copied")) return;
    button.classList.add("btn-copied");
    word.textContent = button.dataset.copied;
    say(button.dataset.copied);
    setTimeout(() => { button.classList.remove("btn-copied"); word.textContent = was; }, 2500);
  }));

  // Time left, by the server's clock.
  part(() => {
    const two = (n) => String(n).padStart(2, "0");
    const start = performance.now(), wall = Date.now();
    const tick = () => {
      const skewed = (t) => { if (!t.dataset.skew) t.dataset.skew = String((Date.parse(t.dataset.now) || wall) - (wall + performance.now() - start)); return +t.dataset.skew; };
      all("time[data-until]").forEach((t) => {
        const now = wall + performance.now() - start + skewed(t), left = Math.max(0, Math.ceil((Date.parse(t.dataset.until) - now) / 1000));
        const h = Math.floor(left / 3600), m = Math.floor(left / 60) % 60, s = left % 60;
        const text = h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
        if (t.textContent !== text) { t.textContent = text; t.dateTime = `PT${left}S`; }
        const bar = document.querySelector(`[data-bar="${t.dataset.until}"]`);
        if (bar) { bar.dataset.scale ||= String(left ? bar.value / left : 0); bar.value = left * +bar.dataset.scale; }
        if (left === 0 && !t.dataset.over) {
          t.dataset.over = "1";
          if (t.hasAttribute("data-quote-again")) document.getElementById("route")?.dispatchEvent(new Event("quote"));
          else refresh();
        }
      });
    };
    setInterval(tick, 1000);
  });

  // What is not there now is looked for again.
  part(() => all("a[data-again]").forEach((a) => setTimeout(() => location.replace(a.href), 1000 * a.dataset.again)));

  // The bar to pay with stays in sight as long as it leaves most of the window to what it is about.
  part(() => all("[data-paybar]").forEach((bar) => {
    const fit = () => bar.classList.toggle("is-tall", bar.offsetHeight > innerHeight * 0.3);
    new ResizeObserver(fit).observe(bar);
    on("resize", fit, window);
  }));

  // Looking for a currency.
  part(() => on("input", (e) => {
    if (!e.target.matches("[data-find]")) return;
    const field = e.target.closest("[data-routes]"), words = e.target.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    all(".choice", field).forEach((c) => {
      const hit = words.every((w) => c.dataset.findText.includes(w));
      c.classList.toggle("is-out", !hit);
      found += hit;
    });
    field.classList.toggle("finding", words.length > 0);
    const more = field.querySelector("details.more-choices");
    if (more) { if (words.length && !more.open) { more.open = true; more.dataset.opened = "1"; } else if (!words.length && more.dataset.opened) { more.open = false; delete more.dataset.opened; } }
    const line = field.querySelector("[data-found]");
    line.textContent = words.length ? (found ? line.dataset.found : line.dataset.none).replace("{n}", found).replace("{q}", e.target.value.trim()) : "";
  }));
  part(() => on("keydown", (e) => { if (e.key === "Enter" && e.target.matches && e.target.matches("[data-find]")) { e.preventDefault(); const first = document.querySelector("#route .choice:not(.is-out) input:enabled"); if (first) first.focus(); } }));

  // Quantities.
  part(() => {
    on("click", (e) => {
      const b = e.target.closest("[data-step]");
      if (!b) return;
      const i = b.closest("[data-stepper]").querySelector("input"), max = +i.dataset.max || 9999;
      i.value = String(Math.min(max, Math.max(1, (parseInt(i.value, 10) || 1) + +b.dataset.step)));
      say(i.value);
    });
    on("change", (e) => { if (e.target.matches("[data-submit]")) e.target.form.requestSubmit(); });
    on("click", (e) => { if (e.target.closest("[data-print]")) print(); });
  });

  part(() => on("htmx:afterSettle", () => { const total = document.querySelector("main [data-say]"); if (total) say(total.textContent); }));

  // htmx asked and got no answer: the plain form does it.
  part(() => ["htmx:sendError", "htmx:responseError"].forEach((type) => on(type, (e) => { const f = e.detail.elt; if (f instanceof HTMLFormElement) f.submit(); })));

  // A form that came back stands at an address that only takes forms: Back and Reload would ask whether to send it once more. They open the page
  // that the form stands on.
  part(() => {
    const back = document.querySelector("input[name=back]"), sent = document.getElementById("mistakes") || /^\/orders(\/[^/]+\/pay)?$/.test(location.pathname);
    if (sent && back && back.value.startsWith("/")) history.replaceState(null, "", back.value);
  });

  // The first mistake gets the focus.
  part(() => { const wrong = document.querySelector("main [aria-invalid=true]"); if (wrong && !document.querySelector("main [autofocus]")) { wrong.focus({ preventScroll: true }); document.getElementById("mistakes")?.scrollIntoView({ block: "center" }); } });

  // An open order page: a stream through htmx, a look every 5 seconds where it fails or is silent, and nothing a person has begun is lost by it.
  let refresh = () => {};
  part(() => {
    const main = document.querySelector("main[data-live]");
    if (!main) return;
    const quiet = 15000, pause = 5000;
    let heard = 0, last = null, busy = false, open = {}, values = [];
    const state = (root = document) => root.querySelector("#state");
    let version = state()?.dataset.version;
    const final = () => state()?.dataset.final === "true";
    const before = () => {
      open = Object.fromEntries(all("details[id]", main).map((d) => [d.id, d.open]));
      values = all("input[id]", main).map((i) => [i.id, i.type === "checkbox" ? i.checked : i.value]);
    };
    const after = () => {
      Object.entries(open).forEach(([id, was]) => { const d = document.getElementById(id); if (d) d.open = was; });
      values.forEach(([id, v]) => { const i = document.getElementById(id); if (!i) return; if (i.type === "checkbox") i.checked = v; else i.value = v; });
      const s = state();
      if (!s) return;
      const changed = document.title !== s.dataset.title;
      document.title = s.dataset.title;
      const icon = document.getElementById("page-icon");
      if (icon && icon.getAttribute("href") !== s.dataset.icon) icon.href = s.dataset.icon;
      version = s.dataset.version;
      if (changed) say(main.querySelector("[role=status]")?.textContent.trim() || "");
    };
    const other = (html) => { const m = /data-version="([^"]*)"/.exec(html); return !m || m[1] !== version; };
    on("htmx:sseBeforeMessage", (e) => { heard = Date.now(); if (!other(e.detail.data || "")) e.preventDefault(); else before(); }, main);
    on("htmx:sseMessage", after, main);
    on("htmx:sseOpen", (e) => { heard = Date.now(); e.detail.source.addEventListener("ping", () => { heard = Date.now(); }); }, main);
    on("htmx:sseError", () => { heard = 0; }, main);
    const draw = async () => {
      const answer = await fetch(main.dataset.live, { headers: { "HX-Request": "true" }, cache: "no-store" });
      if (!answer.ok) return;
      const html = await answer.text();
      if (!html.includes('id="state"') || html.includes("<html")) { if (html.includes("<html")) location.reload(); return; }
      if (!other(html)) return;
      before();
      main.innerHTML = html;
      if (window.htmx) window.htmx.process(main);
      after();
    };
    refresh = () => { draw().catch(() => {}); };
    const look = async () => {
      if (busy || final() || document.hidden || Date.now() - heard < quiet) return;
      busy = true;
      try {
        const answer = await fetch(main.dataset.status, { headers: { Accept: "application/json" }, cache: "no-store" });
        const text = answer.ok ? await answer.text() : last;
        if (text !== last) { await draw(); last = text; }
      } catch { /* away: the next look tries again */ } finally { busy = false; }
    };
    heard = Date.now() - quiet + pause; // the stream has five seconds to open
    setInterval(look, pause);
    on("visibilitychange", () => { if (!document.hidden) { refresh(); } });
  });
})();
