"use strict";
// Comfort only: without this script the page says the same.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const element = (name, text) => {
    const made = document.createElement(name);
    made.textContent = text;
    return made;
  };
  all(".tools").forEach((tools) => tools.removeAttribute("hidden"));

  // Sorting: by the number that a cell carries, else by its text.
  const keyOf = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    return text !== "" && !Number.isNaN(Number(text)) ? Number(text) : text;
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
  };
  const sortable = (table) => {
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      if (head.classList.contains("plain")) return;
      const button = element("button", head.textContent);
      button.type = "button";
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => [keyOf(row, column), row]);
        rows.sort((a, b) => (up ? compare(a[0], b[0]) : compare(b[0], a[0])));
        body.append(...rows.map((row) => row[1]));
      });
    });
  };
  all("#index, .facts").forEach(sortable);

  // Filtering: lines of the summary, and the findings that belong to them.
  const filter = document.getElementById("filter");
  const level = document.getElementById("level");
  const shown = document.getElementById("shown");
  const findings = new Map(all(".finding").map((finding) => [finding.dataset.item, finding]));
  const rows = all("#index tbody tr");
  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) {
      const finding = findings.get(row.dataset.item);
      texts.set(row, `${row.textContent} ${finding ? finding.textContent : ""}`.toLowerCase());
    }
    return texts.get(row);
  };
  const refilter = () => {
    const wanted = filter.value.trim().toLowerCase();
    let n = 0;
    for (const row of rows) {
      const fits = Number(row.dataset.level) >= Number(level.value) && (wanted === "" || textOf(row).includes(wanted));
      row.hidden = !fits;
      const finding = findings.get(row.dataset.item);
      if (finding) finding.hidden = !fits;
      n += fits ? 1 : 0;
    }
    shown.textContent = n === rows.length ? "" : `${n} of ${rows.length} shown`;
  };
  if (filter && level) {
    filter.addEventListener("input", refilter);
    level.addEventListener("change", refilter);
  }

  // Folding.
  const fold = (open) => all(".finding > details").forEach((details) => { details.open = open; });
  document.getElementById("unfold")?.addEventListener("click", () => fold(true));
  document.getElementById("fold")?.addEventListener("click", () => fold(false));
  const unfoldTarget = () => {
    const target = document.getElementById(location.hash.slice(1));
    const details = target?.closest("details");
    if (!details) return;
    details.open = true;
    details.closest(".finding").scrollIntoView();
    details.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", unfoldTarget);
  unfoldTarget();
  addEventListener("beforeprint", () => all("details").forEach((details) => { details.open = true; }));

  // Copying a step.
  const copy = async (button, pre) => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  };
  all("pre").forEach((pre) => {
    const holder = document.createElement("div");
    holder.className = "step";
    const button = element("button", "Copy");
    button.type = "button";
    button.addEventListener("click", () => copy(button, pre));
    pre.replaceWith(holder);
    holder.append(pre, button);
  });
})();
