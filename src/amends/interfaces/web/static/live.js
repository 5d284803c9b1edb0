// Shows what the server has to say about an open page. What somebody is filling in is left alone, and they are told so.
"use strict";
{
  const stream = document.getElementById("live");
  const notice = document.getElementById("live-notice");
  const main = document.getElementById("main");
  // What somebody has just been told stays; the page that is asked for knows nothing of it.
  const flash = document.getElementById("flash");
  const touched = new WeakSet();
  let morph;
  let kept = new Set();
  let asking = false;
  let again = false;
  let shown = 0;
  let rest = 1000;

  htmx.registerExtension("amends-live", {
    init: (api) => {
      morph = api.morph;
    },
    htmx_before_morph_node: (node) => node !== stream && node !== flash && !kept.has(node),
    // What a reader has opened stays open, and what a script has shown stays shown.
    htmx_before_morph_attr: (node, { attrName }) =>
      !(attrName === "open" && node.tagName === "DETAILS") && !(attrName === "hidden" && node.matches("[data-hint]")),
  });

  for (const name of ["input", "change"]) {
    main.addEventListener(name, (event) => {
      if (event.isTrusted && event.target.form) touched.add(event.target.form);
    });
  }

  main.addEventListener("amends:touched", (event) => touched.add(event.target));

  const busy = (form) =>
    touched.has(form) || (form.contains(document.activeElement) && document.activeElement.matches("input:not([type=hidden]),textarea,select"));

  // The piece of the page that a form stands in, kept as a whole.
  const place = (form) => form.closest("section[id]") || form.closest("details[id]") || form;

  function twin(fresh, node) {
    return node.id ? fresh.querySelector(`#${CSS.escape(node.id)}`) : null;
  }

  function show(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const fresh = page.getElementById("main");
    if (!fresh) return;
    kept = new Set([...main.querySelectorAll("form")].filter(busy).map(place));
    for (const piece of kept) {
      // What the new page has no room for any more must not take typed words along.
      if (!piece.id) piece.id = `kept-${Math.random().toString(36).slice(2)}`;
      if (twin(fresh, piece)) continue;
      const before = [...main.querySelectorAll("section[id]")].filter(
        (each) => twin(fresh, each) && each.compareDocumentPosition(piece) & Node.DOCUMENT_POSITION_FOLLOWING,
      );
      const anchor = before.length ? twin(fresh, before.at(-1)) : null;
      if (anchor) anchor.after(piece.cloneNode(false));
      else fresh.append(piece.cloneNode(false));
    }
    morph(main, fresh, true);
    if (document.title !== page.title) document.title = page.title;
    notice.hidden = !kept.size;
    kept = new Set();
    shown = performance.now();
    document.dispatchEvent(new Event("amends:shown"));
  }

  async function ask() {
    again = asking;
    if (asking) return;
    asking = true;
    do {
      again = false;
      try {
        const answer = await fetch(stream.dataset.page, { cache: "no-store", headers: { Accept: "text/html" } });
        if (answer.ok && !answer.redirected) show(await answer.text());
        rest = 1000;
      } catch {
        // The line was away, but the stream need not have broken off and may say nothing more.
        setTimeout(ask, rest);
        rest = Math.min(2 * rest, 60_000);
      }
    } while (again);
    asking = false;
  }

  stream.addEventListener("changed", ask);
  window.addEventListener("online", ask);

  // The stream is opened from here and not by htmx when it starts: htmx does not wait for the scripts after it,
  // and a page whose extension came late would never hear a thing.
  const listen = () => htmx.ajax("GET", stream.getAttribute("data-hx-sse:connect"), { source: stream, swap: "none" });
  let pause = 1000;
  // A stream that broke off is opened again by the extension, one that never began only here.
  stream.addEventListener("htmx:finally:request", (event) => {
    if (stream._htmx.sse || event.detail.ctx.response?.raw.redirected) return;
    setTimeout(listen, pause);
    pause = Math.min(2 * pause, 60_000);
  });
  setTimeout(listen);

  // Nobody should press what appeared under their finger.
  document.addEventListener(
    "submit",
    (event) => {
      if (!shown || performance.now() - shown > 800 || touched.has(event.target)) return;
      event.preventDefault();
      notice.hidden = false;
    },
    true,
  );
}
