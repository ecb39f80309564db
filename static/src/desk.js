// Mostrador's own script for the desk: what its pages do better with scripts. Every part stands alone, every page works without it.
(() => {
  "use strict";
  const on = (type, fn, where = document) => where.addEventListener(type, fn);
  const all = (sel, root = document) => [...root.querySelectorAll(sel)];
  const part = (fn) => { try { fn(); } catch { /* one part that fails leaves the others and the plain page */ } };
  const say = (text) => { const e = document.getElementById("spoken"); if (e) { e.textContent = ""; setTimeout(() => { e.textContent = text; }, 50); } };
  const make = (tag, className, text) => { const e = document.createElement(tag); if (className) e.className = className; if (text) e.textContent = text; return e; };
  const typing = (e) => e.target.closest && e.target.closest("input, textarea, select, [contenteditable]");

  // Menus and filters close when one looks elsewhere, and with Escape.
  part(() => {
    const open = () => all("details[data-menu][open], details.pick[open]");
    on("click", (e) => open().forEach((d) => { if (!d.contains(e.target)) d.open = false; }));
    on("keydown", (e) => { if (e.key === "Escape") open().forEach((d) => { d.open = false; d.querySelector("summary").focus(); }); });
  });

  part(() => on("click", (e) => { if (e.target.closest("[data-print]")) print(); }));

  // The theme changes at once and is kept by the server.
  part(() => on("submit", (e) => {
    const form = e.target.closest("[data-theme-form]"), button = e.submitter;
    if (!form || !button) return;
    e.preventDefault();
    const theme = button.value, root = document.documentElement, meta = document.querySelector("meta[name=color-scheme]");
    if (theme === "system") delete root.dataset.theme; else root.dataset.theme = theme;
    if (meta) meta.content = theme === "system" ? "light dark" : theme;
    all("[data-theme-form] button[name=theme]").forEach((b) => b.setAttribute("aria-pressed", String(b.value === theme)));
    const data = new FormData(form);
    data.set("theme", theme);
    fetch(form.action, { method: "POST", body: new URLSearchParams(data), redirect: "manual" }).catch(() => {});
    say(button.textContent.trim());
  }));

  // What cannot be undone is asked once. The safe answer has the focus.
  part(() => on("submit", (e) => {
    const form = e.target;
    if (!form.dataset || !form.dataset.ask || form.dataset.asked) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    const button = e.submitter || form.querySelector("[type=submit]");
    const box = make("dialog", "ask"), inner = make("div", "ask-box"), row = make("div", "mt-5 flex flex-wrap gap-3");
    const title = make("h2", "text-base", form.dataset.ask);
    title.id = "ask-title";
    box.setAttribute("aria-labelledby", title.id);
    const no = make("button", "btn btn-plain grow", form.dataset.keep), yes = make("button", "btn btn-primary grow", button.textContent.trim());
    no.type = yes.type = "button";
    row.append(no, yes);
    inner.append(title);
    if (form.dataset.then) inner.append(make("p", "mt-2 text-muted", form.dataset.then));
    inner.append(row);
    box.append(inner);
    document.body.append(box);
    const close = () => { box.close(); box.remove(); button.focus(); };
    no.onclick = close;
    on("cancel", (x) => { x.preventDefault(); close(); }, box);
    on("click", (x) => { if (x.target === box) close(); }, box);
    yes.onclick = () => { form.dataset.asked = "1"; box.close(); box.remove(); form.requestSubmit(button); };
    box.showModal();
    no.focus();
  }));

  // A form is sent once. The button says what happens until the next page is there.
  part(() => {
    on("submit", (e) => {
      const form = e.target;
      if (!form.matches("[data-once]") || e.defaultPrevented || e.submitter && "stays" in e.submitter.dataset) return; // a file comes, and the page stays
      if (form.dataset.sent) { e.preventDefault(); return; }
      form.dataset.sent = "1";
      const button = e.submitter;
      if (!button) return;
      button.setAttribute("aria-busy", "true");
      const words = button.querySelector("span"), text = button.dataset.busy || form.dataset.once;
      if (words && text) { button.dataset.was = words.textContent; words.textContent = text; say(text); }
    });
    on("pageshow", (e) => { // the browser's Back brings the page as it was left
      if (!e.persisted) return;
      all("form[data-sent]").forEach((f) => { delete f.dataset.sent; delete f.dataset.asked; });
      all("[aria-busy]").forEach((b) => { b.removeAttribute("aria-busy"); if (b.dataset.was) b.querySelector("span").textContent = b.dataset.was; });
    }, window);
  });

  // A colour's picker and its field say the same, and the server draws what it looks like.
  part(() => {
    const pick = document.querySelector("[data-fills]");
    if (!pick) return;
    const field = document.getElementById(pick.dataset.fills), picture = document.getElementById("accent-picture");
    let timer = 0, asked = 0;
    const draw = () => {
      clearTimeout(timer);
      timer = setTimeout(async () => {
        const mine = ++asked, answer = await fetch(pick.dataset.look + "?accent=" + encodeURIComponent(field.value)).catch(() => null);
        if (answer && answer.ok && mine === asked) picture.innerHTML = await answer.text();
      }, 120);
    };
    on("input", () => { field.value = pick.value; draw(); }, pick);
    on("input", () => { if (/^#[0-9a-f]{6}$/i.test(field.value.trim())) pick.value = field.value.trim().toLowerCase(); draw(); }, field);
  });

  // Copying.
  part(() => on("click", async (e) => {
    const button = e.target.closest("[data-copy]");
    if (!button) return;
    try { await navigator.clipboard.writeText(button.dataset.copy); } catch {
      const area = make("textarea", "sr-only");
      area.value = button.dataset.copy;
      document.body.append(area); area.select();
      const done = document.execCommand("copy");
      area.remove(); button.focus();
      if (!done) return;
    }
    const word = button.querySelector("[data-word]"), was = word.textContent;
    if (was === button.dataset.copied) return;
    word.textContent = button.dataset.copied;
    say(button.dataset.copied);
    setTimeout(() => { word.textContent = was; }, 2500);
  }));

  // Passkeys: the browser asks the device, and the form carries its answer.
  part(() => {
    if (!window.PublicKeyCredential) { all("[data-passkey-get]").forEach((f) => f.remove()); return; }
    const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    const listed = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));
    const answer = (c) => {
      const r = c.response, out = { clientDataJSON: text(r.clientDataJSON) };
      if (r.attestationObject) { out.attestationObject = text(r.attestationObject); if (r.getTransports) out.transports = r.getTransports(); }
      if (r.authenticatorData) { out.authenticatorData = text(r.authenticatorData); out.signature = text(r.signature); if (r.userHandle) out.userHandle = text(r.userHandle); }
      return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment || undefined, clientExtensionResults: c.getClientExtensionResults(), response: out });
    };
    const send = (form, c) => { form.elements.credential.value = answer(c); form.submit(); };
    const quiet = (e) => { if (e.name !== "NotAllowedError" && e.name !== "AbortError") say(e.message); };
    const make = async (form) => {
      const o = JSON.parse(form.dataset.passkeyCreate).publicKey;
      send(form, await navigator.credentials.create({ publicKey: { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: listed(o.excludeCredentials) } }));
    };
    const get = async (form) => {
      const began = await fetch(form.dataset.passkeyGet, { method: "POST", cache: "no-store" });
      if (!began.ok) return;
      const { options, token } = await began.json(), o = options.publicKey;
      form.elements.token.value = token;
      send(form, await navigator.credentials.get({ publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: listed(o.allowCredentials) } }));
    };
    on("submit", (e) => {
      const form = e.target;
      if (form.matches("[data-passkey-create]")) { e.preventDefault(); make(form).catch(quiet); }
      if (form.matches("[data-passkey-get]")) { e.preventDefault(); get(form).catch(quiet); }
    });
    const begun = document.querySelector("[data-passkey-create]");
    if (begun) make(begun).catch(quiet);
  });

  // The first mistake gets the focus.
  part(() => { const wrong = document.querySelector("main [aria-invalid=true]"); if (wrong && !document.querySelector("main [autofocus]")) wrong.focus({ preventScroll: true }); });

  // Ctrl K: find or do. The server finds; arrows choose, Enter opens, Ctrl Enter in a new tab.
  part(() => {
    const template = document.getElementById("palette-box");
    if (!template) return;
    let box = null, timer = 0, asked = 0;
    const options = () => all("[role=option]", box);
    const chosen = () => box.querySelector("[role=option][aria-selected=true]");
    const choose = (o) => {
      options().forEach((x) => x.setAttribute("aria-selected", String(x === o)));
      const input = box.querySelector("input");
      if (o) { input.setAttribute("aria-activedescendant", o.id); o.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
    };
    const look = async () => {
      const mine = ++asked, q = box.querySelector("input").value;
      const answer = await fetch("/admin/find?q=" + encodeURIComponent(q), { headers: { "X-Palette": "1" }, cache: "no-store" });
      if (!box || mine !== asked || !answer.ok) return;
      if (answer.redirected) { location.reload(); return; } // signed out meanwhile
      box.querySelector("#found").innerHTML = await answer.text();
      options().forEach((o) => { o.tabIndex = -1; });
      choose(options()[0]);
    };
    const show = () => {
      if (box) return;
      box = template.content.firstElementChild.cloneNode(true);
      document.body.append(box);
      const back = document.activeElement, input = box.querySelector("input");
      const gone = () => { if (!box) return; box.remove(); box = null; if (back) back.focus(); };
      on("close", gone, box);
      on("click", (e) => { if (e.target === box) box.close(); }, box);
      on("input", () => { clearTimeout(timer); timer = setTimeout(() => look().catch(() => {}), 120); }, input);
      on("keydown", (e) => {
        const list = options(), i = list.indexOf(chosen());
        if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); if (list.length) choose(list[(i + (e.key === "ArrowDown" ? 1 : list.length - 1)) % list.length]); }
        if (e.key === "Enter" && chosen()) { e.preventDefault(); if (e.ctrlKey || e.metaKey) window.open(chosen().href, "_blank", "noopener"); else location.href = chosen().href; }
      }, input);
      box.showModal();
      input.focus();
      look().catch(() => {});
    };
    on("keydown", (e) => { if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") { e.preventDefault(); if (box) box.close(); else show(); } });
    on("click", (e) => { const a = e.target.closest("a[data-palette]"); if (a && !e.ctrlKey && !e.metaKey && !e.shiftKey) { e.preventDefault(); show(); } });
  });

  // Single letters outside of fields: / searches here, G then O, R, H leads, J and K move in a list, X checks, Enter opens. ? lists them and turns them off.
  part(() => {
    let before = "", row = -1;
    const rows = () => all("main table.lst tbody tr");
    const move = (by) => {
      const list = rows();
      if (!list.length) return;
      row = Math.max(0, Math.min(list.length - 1, row + by));
      list.forEach((r, i) => r.classList.toggle("is-cursor", i === row));
      const link = list[row].querySelector(".rowlink");
      if (link) link.focus();
      list[row].scrollIntoView({ block: "nearest" });
    };
    const off = () => { try { return localStorage.getItem("letters") === "off"; } catch { return false; } };
    const list = () => {
      const template = document.getElementById("keys-box");
      if (!template) return;
      const box = template.content.firstElementChild.cloneNode(true), tick = box.querySelector("[data-letters]"), back = document.activeElement;
      tick.checked = !off();
      on("change", () => { try { localStorage.setItem("letters", tick.checked ? "on" : "off"); } catch { /* they stay as they are */ } }, tick);
      on("close", () => { box.remove(); if (back) back.focus(); }, box);
      document.body.append(box);
      box.showModal();
    };
    on("click", (e) => { if (e.target.closest("[data-keys]")) list(); });
    on("keydown", (e) => {
      if (e.ctrlKey || e.metaKey || e.altKey || typing(e) || document.querySelector("dialog[open]")) { before = ""; return; }
      if (off()) return;
      if (e.key === "?") { e.preventDefault(); list(); return; }
      const key = e.key.toLowerCase(), to = { o: "/admin", r: "/admin/orders", h: "/admin/health" }[key];
      if (before === "g" && to) { location.href = to; return; }
      before = key;
      if (key === "/") { const q = document.querySelector("main input[type=search]"); if (q) { e.preventDefault(); q.focus(); } }
      if (key === "j") move(1);
      if (key === "k") move(-1);
      if (key === "x" && row >= 0) { const c = rows()[row].querySelector("input[type=checkbox]"); if (c) c.click(); }
      const button = /^[a-z[\]]$/.test(key) && document.querySelector(`main [data-key="${key}"]`);
      if (button) button.click();
    });
  });

  // Check all on this page, and how many are checked.
  part(() => on("change", (e) => {
    const head = e.target.closest("[data-check-all]");
    if (head) all(`input[type=checkbox][name="${head.dataset.checkAll}"]`).forEach((c) => { c.checked = head.checked; });
    all("[data-checked]").forEach((line) => { const n = all(`input[name="${line.dataset.checked}"]:checked`).length; line.hidden = n === 0; const count = line.querySelector("[data-n]"); if (count) count.textContent = String(n); });
  }));

  // What renews itself leaves a person alone: nothing while they read elsewhere or answer a question; what they unfolded stays so, and the focus where it was.
  part(() => {
    const isLive = (e) => e.detail.elt && e.detail.elt.dataset && "live" in e.detail.elt.dataset;
    const name = (x) => x && x.closest("#live, #latest") && [x.tagName, x.getAttribute("aria-label") || x.textContent.trim(), x.getAttribute("href") || (x.form && x.form.getAttribute("action")) || (x.parentElement && x.parentElement.id)].join("|");
    let open = [], focus = null, said = "";
    on("htmx:beforeRequest", (e) => { if (isLive(e) && (document.hidden || document.querySelector("dialog[open]"))) e.preventDefault(); });
    on("htmx:beforeSwap", (e) => {
      if (!isLive(e)) return;
      if (document.querySelector("dialog[open]") || document.querySelector("#live form[data-sent]")) { e.detail.shouldSwap = false; return; }
      open = all("#live details[open]").map((d) => d.id);
      focus = name(document.activeElement);
      said = e.detail.elt.dataset.live;
    });
    on("htmx:afterSettle", () => {
      const live = document.getElementById("live");
      if (!live || !said) return;
      open.forEach((id) => { const d = document.getElementById(id); if (d) d.open = true; });
      if (focus && document.activeElement === document.body) { const back = all("#live a, #live button, #live summary, #latest a").find((x) => name(x) === focus); if (back) back.focus({ preventScroll: true }); }
      if (live.dataset.live !== said) say(live.dataset.live);
      document.title = document.title.replace(/^(\d+ · )?/, live.dataset.n === "0" ? "" : live.dataset.n + " · ");
      open = []; focus = null; said = "";
    });
    const stale = (yes) => { const line = document.querySelector("[data-stale]"); if (line) line.hidden = !yes; };
    ["htmx:sendError", "htmx:responseError", "htmx:timeout"].forEach((type) => on(type, (e) => { if (isLive(e)) stale(true); }));
    on("htmx:beforeOnLoad", (e) => { if (isLive(e) && e.detail.xhr.status < 400) stale(false); });
  });

  // A page that waits for something loads again, while somebody looks and types nothing.
  part(() => {
    const wait = Number(document.body.dataset.refresh);
    if (wait > 0) setInterval(() => { if (!document.hidden && !typing({ target: document.activeElement })) location.reload(); }, wait * 1000);
  });

  // htmx asked and got no answer: the plain form does it.
  part(() => ["htmx:sendError", "htmx:responseError"].forEach((type) => on(type, (e) => { const f = e.detail.elt; if (f instanceof HTMLFormElement) f.submit(); })));
})();
