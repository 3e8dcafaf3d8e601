// Tells the publishers' door that this article is being read, once it was visible for three seconds.

const story = document.getElementById("story");
const NEEDED = 3000;
let visible = 0;
let since = document.hidden ? null : performance.now();
let timer = 0;

const eventId = () => {
  // crypto.randomUUID exists on secure origins only.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

const report = () => {
  document.removeEventListener("visibilitychange", turn);
  const view = JSON.stringify({ article_id: story.dataset.id, event_id: eventId() });
  // text/plain needs no preflight request. The beacon outlives the page.
  navigator.sendBeacon(story.dataset.beacon, new Blob([view], { type: "text/plain" }));
};

function turn() {
  clearTimeout(timer);
  if (document.hidden) {
    if (since !== null) visible += performance.now() - since;
    since = null;
  } else {
    since = performance.now();
    timer = setTimeout(report, Math.max(0, NEEDED - visible));
  }
}

document.addEventListener("visibilitychange", turn);
turn();
