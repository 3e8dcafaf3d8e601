// The most-read list: tabs without a new page, and updates over server-sent events while the page is visible.

const section = document.getElementById("most-read");
if (section) start(section);

function start(section) {
  const list = document.getElementById("ranking");
  const empty = document.getElementById("ranking-empty");
  const status = document.getElementById("ranking-status");
  const live = document.getElementById("ranking-live");
  const tabs = [...section.querySelectorAll(".tabs a")];
  const size = 10;
  let shownWindow = section.dataset.window;
  let source = null;
  let held = null;

  const render = (answer) => {
    const known = new Map([...list.children].map((item) => [item.dataset.id, item]));
    const firstTime = list.dataset.window !== answer.window;
    list.dataset.window = answer.window;
    list.replaceChildren(...answer.items.slice(0, size).map((item) => {
      const entry = known.get(item.id) ?? newEntry(item.id);
      fill(entry, item, !firstTime && !known.has(item.id));
      return entry;
    }));
    empty.hidden = answer.items.length > 0;
    empty.textContent = empty.hidden ? "" : "এই সময়ে এখনো কোনো খবর পড়া হয়নি।";
    status.textContent = `${time(answer.as_of)} পর্যন্ত${answer.stale ? "; গণনা পিছিয়ে আছে" : ""}`;
  };

  // Links must not jump away from under a pointer or the keyboard's focus: wait until both have left.
  const busy = () => list.matches(":hover") || list.contains(document.activeElement);
  const offer = (answer) => { if (busy()) held = answer; else { held = null; render(answer); } };
  const release = () => { if (held && !busy()) offer(held); };
  list.addEventListener("pointerleave", () => setTimeout(release));
  list.addEventListener("focusout", () => setTimeout(release));

  const scope = () => {
    const parameters = new URLSearchParams({ window: shownWindow });
    if (section.dataset.category) parameters.set("category", section.dataset.category);
    return parameters;
  };

  const listen = () => {
    source?.close();
    source = null;
    if (document.hidden || live.getAttribute("aria-pressed") !== "true") return;
    source = new EventSource(`/v1/live?${scope()}`);
    source.addEventListener("most-read", (event) => offer(JSON.parse(event.data)));
    source.addEventListener("heartbeat", (event) => {
      const { as_of } = JSON.parse(event.data);
      if (as_of && !held) status.textContent = `${time(as_of)} পর্যন্ত`;
    });
    source.addEventListener("unavailable", () => { status.textContent = "তালিকা এই মুহূর্তে পাওয়া যাচ্ছে না"; });
  };

  const choose = async (tab) => {
    shownWindow = tab.dataset.window;
    for (const other of tabs) other.toggleAttribute("aria-current", false);
    tab.setAttribute("aria-current", "true");
    held = null;
    try {
      const parameters = scope();
      parameters.set("limit", size);
      const answer = await fetch(`/v1/trending?${parameters}`);
      if (!answer.ok) throw new Error(answer.statusText);
      if (tab.dataset.window === shownWindow) render(await answer.json());
    } catch {
      location.href = tab.href;
      return;
    }
    listen();
  };

  for (const tab of tabs) {
    tab.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      choose(tab);
    });
  }
  live.hidden = false;
  live.addEventListener("click", () => {
    live.setAttribute("aria-pressed", String(live.getAttribute("aria-pressed") !== "true"));
    listen();
  });
  document.addEventListener("visibilitychange", listen);
  list.dataset.window = shownWindow;
  listen();
}

function newEntry(id) {
  const entry = document.createElement("li");
  entry.dataset.id = id;
  const link = document.createElement("a");
  link.href = `/articles/${id}`;
  const meta = document.createElement("span");
  meta.className = "meta";
  entry.append(link, meta);
  return entry;
}

function fill(entry, item, fresh) {
  entry.querySelector("a").textContent = item.title;
  const views = `${new Intl.NumberFormat("bn-BD").format(item.views.counted)} জন পড়েছেন`;
  entry.querySelector(".meta").textContent = item.category ? `${item.category} · ${views}` : views;
  entry.classList.toggle("fresh", fresh);
}

// As bengali_formats.py writes times: সন্ধ্যা ৬:০৫, in Dhaka whatever the reader's own zone.
function time(moment) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: "Asia/Dhaka", hour: "numeric", minute: "2-digit", hourCycle: "h23" })
    .formatToParts(new Date(moment));
  const hour = Number(parts.find((part) => part.type === "hour").value);
  const minute = parts.find((part) => part.type === "minute").value;
  const names = [[20, "রাত"], [18, "সন্ধ্যা"], [15, "বিকেল"], [12, "দুপুর"], [6, "সকাল"], [4, "ভোর"], [0, "রাত"]];
  const part = names.find(([from]) => hour >= from)[1];
  const digits = `${hour % 12 || 12}:${minute}`.replace(/\d/g, (digit) => "০১২৩৪৫৬৭৮৯"[digit]);
  return `${part} ${digits}`;
}
