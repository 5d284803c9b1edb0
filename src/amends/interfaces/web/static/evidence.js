// Sends chosen files at once, each with its progress; the form then names them. Without this the form sends them itself.
"use strict";
function prepare(box) {
  const form = box.closest("form");
  const list = box.querySelector("[data-list]");
  const drop = box.querySelector("[data-drop]");
  const status = box.querySelector("[data-status]");
  const words = box.dataset;
  const queue = [];
  // Cut off on the way: sent again by themselves as soon as there is a connection.
  const cut = new Set();
  // A line that is dead but was not cut says nothing for ever.
  const STALLED_MS = 30000;
  let running = 0;
  let submitter;

  const node = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  };

  const button = (text, row, act) => {
    const made = node("button", "btn btn-sm btn-outline", text);
    made.type = "button";
    made.setAttribute("aria-label", `${text}: ${row.name}`);
    made.addEventListener("click", act);
    return made;
  };

  const busy = () => queue.length + running > 0;

  function shown(row, card) {
    const label = node("label", "flex gap-2 items-center font-medium");
    const mark = node("input", "checkbox checkbox-primary checkbox-sm");
    Object.assign(mark, { type: "checkbox", name: "file_id", value: card.file_id, checked: true });
    label.append(mark, node("span", "break-all", card.name));
    const told = node("div", "min-w-0 flex-1");
    told.append(label, node("p", "text-sm muted", `${words.sent} · ${card.facts}`));
    if (card.advice) told.append(node("p", "text-sm font-semibold mt-1", card.advice));
    row.item.className = "flex gap-3 items-start";
    if (card.thumb) {
      const small = node("img", "thumb-small");
      Object.assign(small, { src: card.thumb, alt: "", width: 64, height: 64 });
      row.item.replaceChildren(small, told);
    } else {
      row.item.replaceChildren(told);
    }
    status.textContent = `${words.sent}: ${card.name}${card.advice ? `. ${card.advice}` : ""}`;
  }

  function failed(row, why, again) {
    const told = node("p", "text-sm font-semibold text-error", why);
    const deeds = node("div", "flex flex-wrap gap-2 mt-1");
    if (again) {
      cut.add(row);
      deeds.append(button(words.again, row, () => begin(row)));
    }
    deeds.append(
      button(words.remove, row, () => {
        cut.delete(row);
        row.item.remove();
      }),
    );
    row.item.replaceChildren(node("p", "font-medium break-all", row.name), told, deeds);
    status.textContent = `${row.name}: ${why}`;
  }

  function send(row) {
    const request = new XMLHttpRequest();
    const bar = node("progress", "progress progress-primary w-full max-w-md");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", row.name);
    const state = node("p", "text-sm muted", words.sending);
    row.item.replaceChildren(node("p", "font-medium break-all", row.name), bar, state);
    let patience = setTimeout(() => request.abort(), STALLED_MS);
    request.upload.addEventListener("progress", (event) => {
      clearTimeout(patience);
      if (event.loaded < event.total) patience = setTimeout(() => request.abort(), STALLED_MS);
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      if (event.loaded === event.total) {
        state.textContent = words.checking;
        bar.removeAttribute("value");
      }
    });
    request.addEventListener("loadend", () => {
      clearTimeout(patience);
      running -= 1;
      let answer = {};
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // An error page, or nothing at all: it is told as a broken connection.
      }
      if (request.status === 201) shown(row, answer);
      else failed(row, answer.error || words.failed, !answer.error);
      next();
    });
    const body = new FormData();
    body.append("_csrf_token", form.querySelector("[name=_csrf_token]").value);
    body.append("files", row.file, row.name);
    request.open("POST", words.url);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  }

  function next() {
    while (running < 2 && queue.length) {
      running += 1;
      send(queue.shift());
    }
    if (!busy() && submitter !== undefined) {
      const pressed = submitter;
      submitter = undefined;
      if (!list.querySelector(".text-error")) form.requestSubmit(pressed || undefined);
    }
  }

  function begin(row) {
    cut.delete(row);
    queue.push(row);
    next();
  }

  window.addEventListener("online", () => {
    for (const row of [...cut]) begin(row);
  });

  function add(files) {
    // Dropped and pasted files are no input the browser tells of; they must outlive news of the case as typed words do.
    form.dispatchEvent(new CustomEvent("amends:touched", { bubbles: true }));
    for (const file of files) {
      const row = { file, name: file.name || "photo.jpg", item: node("li", "grid gap-1") };
      list.append(row.item);
      begin(row);
    }
  }

  for (const input of box.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      add([...input.files]);
      input.value = "";
    });
  }
  box.querySelector("[data-hint]").hidden = false;
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
  form.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) add([...event.clipboardData.files]);
  });
  form.addEventListener("submit", (event) => {
    if (!busy()) return;
    event.preventDefault();
    submitter = event.submitter || null;
    status.textContent = words.wait;
  });
}

{
  const ready = new WeakSet();
  // News of the case may bring another form.
  const all = () => {
    for (const box of document.querySelectorAll("[data-evidence]")) {
      if (!ready.has(box)) prepare(box);
      ready.add(box);
    }
  };
  all();
  document.addEventListener("amends:shown", all);
}
