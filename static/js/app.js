// What the pages gain with scripts; each works without.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- Dialogs: <a data-dialog="id"> opens <dialog id>, [data-close] closes it --------------------

function onDialogClick(event) {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog?.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  // A click on the dialog itself, outside of its content, is one on the page behind it.
  if (event.target.closest("[data-close]") || (event.target === dialog && outside(event, dialog))) {
    if (dialog.open) {
      event.preventDefault();
      dialog.close();
    }
  }
}

function outside({ clientX: x, clientY: y }, element) {
  const box = element.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

// --- Menus: one open at a time, closed by Escape or a click elsewhere ----------------------------

function closeMenus(except) {
  for (const menu of all("details[data-menu][open]")) if (!menu.contains(except)) menu.open = false;
}

function onKey(event) {
  if (event.key === "Escape") {
    const menu = event.target.closest?.("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      one("summary", menu).focus();
    }
  }
  moveInGrid(event);
}

// --- Filters: sent as they change ----------------------------------------------------------------

let waiting;

function onChange(event) {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.matches("select, [type=checkbox], [type=radio], [type=date], [type=search]")) {
    clearTimeout(waiting);
    waiting = setTimeout(() => form.requestSubmit(), 150);
  }
  const drop = event.target.closest("[data-filedrop]");
  if (drop) showNames(drop, event.target.files);
}

// --- Files: dropped on their field ---------------------------------------------------------------

function showNames(drop, files) {
  const names = one("[data-names]", drop);
  names.textContent = [...files].map((file) => `${file.name} (${size(file.size)})`).join(", ");
  names.hidden = files.length < 2;
}

const size = (bytes) =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)}\u00a0ko` : `${(bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })}\u00a0Mo`;

function onDrag(event) {
  const drop = event.target.closest?.("[data-filedrop]");
  if (!drop || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  drop.classList.toggle("is-over", event.type === "dragover");
  if (event.type !== "drop") return;
  const input = one("input[type=file]", drop);
  const chosen = new DataTransfer();
  for (const file of [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1)) chosen.items.add(file);
  input.files = chosen.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// --- Week grid: the line of now, arrows between free cells, a drag over several of them ----------

function placeNow() {
  for (const line of all("[data-now]")) {
    const { opens, closes, zone } = line.closest("[data-week]").dataset;
    const clock = new Intl.DateTimeFormat("fr", { timeZone: zone, hour: "numeric", minute: "numeric" });
    const [hours, minutes] = clock.format(new Date()).split(":").map(Number);
    const share = ((hours * 60 + minutes) / 15 - opens) / (closes - opens);
    line.hidden = share < 0 || share > 1;
    line.style.setProperty("inset-block-start", `${share * 100}%`);
    line.classList.add("is-placed");
  }
}

// The cells are one stop of the Tab key; arrows move among them.
function prepareGrids(root) {
  for (const week of all("[data-week]", root)) {
    all(".cell", week).forEach((cell, place) => (cell.tabIndex = place ? -1 : 0));
    const today = one(".day.is-today", week);
    if (today && week.scrollWidth > week.clientWidth) week.scrollLeft = today.offsetLeft - one(".week-hours", week).offsetWidth;
  }
}

function moveInGrid(event) {
  const cell = event.target.closest?.(".cell");
  if (!cell || !event.key.startsWith("Arrow")) return;
  const cells = all(".cell", cell.closest("[data-week]"));
  const from = cell.getBoundingClientRect();
  const [x, y] = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  let best, least = Infinity;
  for (const other of cells) {
    const to = other.getBoundingClientRect();
    const ahead = x ? (to.left - from.left) * x : (to.top - from.top) * y;
    const aside = Math.abs(x ? to.top - from.top : to.left - from.left);
    if (ahead > 1 && ahead + aside * 3 < least) [best, least] = [other, ahead + aside * 3];
  }
  if (!best) return;
  event.preventDefault();
  cell.tabIndex = -1;
  best.tabIndex = 0;
  best.focus();
}

let drag;

function onPointer(event) {
  if (event.type === "pointerdown") {
    const cell = event.pointerType === "mouse" && event.button === 0 && event.target.closest(".cell");
    if (cell) drag = { lane: cell.parentElement, first: cell, chosen: [cell] };
  } else if (drag && event.type === "pointermove") {
    const over = document.elementFromPoint(event.clientX, event.clientY)?.closest(".cell");
    if (over?.parentElement !== drag.lane) return;
    const cells = all(".cell", drag.lane);
    const [from, to] = [cells.indexOf(drag.first), cells.indexOf(over)].sort((a, b) => a - b);
    drag.chosen = cells.slice(from, to + 1);
    for (const cell of cells) cell.classList.toggle("is-chosen", drag.chosen.includes(cell) && drag.chosen.length > 1);
  } else if (drag && event.type === "pointerup") {
    const { chosen, lane } = drag;
    drag = undefined;
    if (chosen.length < 2) return;
    const url = new URL(chosen[0].href);
    url.searchParams.set(lane.closest("[data-week]").dataset.end, chosen.at(-1).dataset.fin);
    location.assign(url);
  }
}

// --- <button data-copy="id">: what the field holds goes to the clipboard --------------------------

async function onCopyClick(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  await navigator.clipboard.writeText(field.value);
  button.textContent = button.dataset.copied;
}

// --- The server is away: said at the top of the page until something answers; polls go on ---------

function onAnswer({ detail: { xhr } }) {
  one(".away")?.remove();
  if (xhr.status !== 503) return;
  const words = document.createElement("div");
  words.className = "messages away";
  words.innerHTML = xhr.responseText;
  one("#contenu").prepend(words);
}

// --- Start ---------------------------------------------------------------------------------------

function prepare(root) {
  prepareGrids(root);
  if (navigator.clipboard) for (const button of all("[data-copy]", root)) button.hidden = false;
  placeNow();
  one("[data-errors]", root)?.focus();
}

document.addEventListener("click", (event) => {
  closeMenus(event.target);
  onDialogClick(event);
  onCopyClick(event);
});
document.addEventListener("keydown", onKey);
document.addEventListener("change", onChange);
for (const type of ["dragover", "dragleave", "drop"]) document.addEventListener(type, onDrag);
for (const type of ["pointerdown", "pointermove", "pointerup"]) document.addEventListener(type, onPointer);
document.addEventListener("dragstart", (event) => event.target.closest?.(".cell") && event.preventDefault());
document.addEventListener("htmx:afterRequest", onAnswer);
document.addEventListener("htmx:load", (event) => event.target !== document.body && prepare(event.target));
setInterval(placeNow, 60_000);
prepare(document);
