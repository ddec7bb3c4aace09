// When the network or the site fails, a calm bar says so; the page stays as it is, with what was typed.

const bar = document.getElementById("network");
let offline = false;

function say(words) {
  bar.textContent = words;
}

// A browser may think itself offline and still reach the site, on a train with a site of one's own.
async function isAway() {
  if (navigator.onLine) return false;
  try {
    await fetch("/healthz", { method: "HEAD", cache: "no-store" });
    return false;
  } catch {
    return true;
  }
}

async function look() {
  offline = await isAway();
  if (offline) say(bar.dataset.offline);
}

function back() {
  if (offline) say(bar.dataset.back);
  offline = false;
  setTimeout(() => bar.textContent === bar.dataset.back && say(""), 4000);
}

// A form sent while offline would lose the page for the browser's own: it waits, whole.
async function onSubmit(event) {
  const { target: form, submitter } = event;
  if (navigator.onLine || form.dataset.sent) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  await look();
  if (offline) return;
  form.dataset.sent = "yes";
  form.requestSubmit(submitter);
}

function onFailure({ detail: { xhr } }) {
  const { status } = xhr;
  const words = { 0: bar.dataset.unreachable, 403: bar.dataset.closed, 429: bar.dataset.pause }[status];
  say(words ?? (status >= 500 ? bar.dataset.failed : ""));
}

// A session that ended answers with the page to sign in: it is not what the list waits for.
function onSwap(event) {
  const { responseURL } = event.detail.xhr;
  if (!responseURL || !new URL(responseURL).pathname.startsWith("/compte/") || location.pathname.startsWith("/compte/")) return;
  event.detail.shouldSwap = false;
  location.reload();
}

addEventListener("offline", look);
addEventListener("online", back);
document.addEventListener("submit", onSubmit, true);
document.addEventListener("htmx:sendError", onFailure);
document.addEventListener("htmx:timeout", onFailure);
document.addEventListener("htmx:responseError", onFailure);
document.addEventListener("htmx:beforeSwap", onSwap);
document.addEventListener("htmx:afterOnLoad", ({ detail }) => detail.successful && !offline && say(""));
look();
