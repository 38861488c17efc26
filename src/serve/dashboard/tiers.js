// The tiers behind memory: what each of them holds and gave, whether it works, and what went wrong last.

import { ago, bar, count, duration, find, make, percent, size } from "./dom.js";

const names = { disk: "Disk", shared: "Shared server" };
const levelNames = {
  embedding: "Embeddings",
  tiling: "Tilings",
  prefix: "Prefixes",
  response: "Answers",
  relayed_response: "Relayed answers",
  source_alias: "Aliases",
  file: "Files",
  value: "Values",
};

const sum = (levels, field) => levels.reduce((all, level) => all + level[field], 0);

// What the breakers say, in a person's words.
function stateOf({ reading, writing }) {
  if (reading === "closed" && writing === "closed") return { text: "Working", isFaulty: false };
  if (reading === "closed") return { text: "Fails, not written for now", isFaulty: true };
  if (writing === "closed") return { text: "Fails, not read for now", isFaulty: true };
  return { text: "Fails, left alone for now", isFaulty: true };
}

// A shared server counts its own bytes, so what this process wrote stands for them.
function fullness(levels) {
  const most = Math.max(...levels.map((level) => level.bytes_max));
  if (most > 0) {
    const bytes = sum(levels, "bytes");
    const entries = sum(levels, "entries");
    const note = `${count(entries)} ${entries === 1 ? "entry" : "entries"}, at most ${size(most)}`;
    return bar("tier-bar", "Stored", size(bytes), bytes / most, note);
  }
  const written = sum(levels, "written");
  const note = `${count(written)} ${written === 1 ? "entry" : "entries"}; the server itself says how much it holds`;
  return bar("tier-bar", "Written from here", size(sum(levels, "written_bytes")), 0, note);
}

function hitRate(levels) {
  const hits = sum(levels, "hits");
  const lookups = hits + sum(levels, "misses");
  const others = sum(levels, "skipped") + sum(levels, "failed");
  const note = `${count(hits)} of ${count(lookups)} look-ups${others ? `, and ${count(others)} left out or failed` : ""}`;
  return bar("tier-bar", "Hit rate", percent(hits, lookups), lookups ? hits / lookups : 0, note);
}

function facts(tier) {
  const saved = sum(tier.levels, "saved_ms");
  const pairs = [
    ["Time saved", saved > 0 ? duration(saved) : "0 s"],
    ["Waiting to be written", tier.queued ? `${count(tier.queued)} (${size(tier.queued_bytes)})` : "0"],
    ["Dropped, the queue was full", count(tier.queue_dropped)],
    ["Found and not believed", count(tier.doubtful)],
  ];
  const rows = pairs.map(([name, value]) =>
    make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value })),
  );
  return make("dl", { className: "tier-facts" }, ...rows);
}

function cells(tag, texts) {
  return make("tr", {}, ...texts.map((text, index) => make(index ? tag : "th", { textContent: text, scope: index ? "" : "row" })));
}

// The levels of which anything is to be told.
function table(tier) {
  const used = tier.levels.filter((level) => level.entries + level.hits + level.misses + level.written > 0);
  if (!used.length) return make("p", { className: "muted note", textContent: "Nothing was kept or found here yet." });
  const head = make("tr", {}, ...["Kind", "Hits", "Of", "Written", "Stored"].map((text) => make("th", { textContent: text, scope: "col" })));
  const rows = used.map(({ level, hits, misses, written, bytes, bytes_max: most }) =>
    cells("td", [levelNames[level] ?? level, count(hits), count(hits + misses), count(written), most > 0 ? size(bytes) : "–"]),
  );
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
}

function lastFaultAge({ last_fault_unix_s: at }) {
  if (!at) return "";
  const age = ago(Date.now() / 1000 - at);
  return age === "now" ? "just now" : age;
}

function lastFault(tier) {
  const { last_fault: fault, times_opened: opened } = tier;
  if (!fault) return make("p", { className: "muted note", textContent: "No fault so far." });
  const times = opened ? `, left alone ${count(opened)} ${opened === 1 ? "time" : "times"}` : "";
  return make("p", { className: "note fault", textContent: `Last fault ${lastFaultAge(tier)}${times}: ${fault}` });
}

function card(tier) {
  const { text, isFaulty } = stateOf(tier);
  const name = names[tier.tier] ?? tier.tier;
  return make(
    "article",
    { className: "card tier", ariaLabel: name },
    make("div", { className: "tier-head" }, make("h3", { textContent: name }), make("p", { className: isFaulty ? "live faulty" : "live", textContent: text })),
    make("div", { className: "bars" }, fullness(tier.levels), hitRate(tier.levels)),
    facts(tier),
    table(tier),
    lastFault(tier),
  );
}

let shown = ""; // what the cards were made of: nothing is made anew that a person may be reading

export function showTiers(tiers) {
  const now = JSON.stringify(tiers) + tiers.map(lastFaultAge).join();
  if (now === shown) return;
  shown = now;
  find("tiers-part").hidden = !tiers.length;
  find("tiers").replaceChildren(...tiers.map(card));
}

