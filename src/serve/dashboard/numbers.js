// All numbers of the dashboard: figures, hit rates, memory, latency, and the timeline of the last minute.

import { bar, count, duration, find, make, makeSvg, percent, size, stageLabel, stageNames } from "./dom.js";

const levelNotes = {
  response: "whole answers reused",
  prefix: "prompts continued from a cached prefix",
  embedding: "tiles of pictures not encoded again",
};
const levelLabel = (level) => level[0].toUpperCase() + level.slice(1);

const total = (answeredBy) => Object.values(answeredBy).reduce((sum, part) => sum + part, 0);

function showFigures(state) {
  const requests = total(state.answered_by);
  find("model").textContent = [state.model, state.tenant && `seen as ${state.tenant}`].filter(Boolean).join(" · ");
  find("saved").textContent = state.saved_ms > 0 ? duration(state.saved_ms) : "0 s";
  find("share").textContent = percent(requests - state.answered_by.model, requests);
  find("requests").textContent = count(requests);
  find("uptime").textContent = duration(Math.floor(state.uptime_s) * 1000);
}

function showHits(levels) {
  const rows = levels.map(({ level, hits, misses }) => {
    const lookups = hits + misses;
    const note = lookups ? `${count(hits)} of ${count(lookups)} look-ups: ${levelNotes[level]}` : levelNotes[level];
    return bar(level, levelLabel(level), percent(hits, lookups), lookups ? hits / lookups : 0, note);
  });
  find("hits").replaceChildren(...rows);
}

function showApproximate({ approximate, answered_by: answeredBy }) {
  find("approximate").hidden = !approximate;
  find("approximate").textContent = `${count(approximate)} of your ${count(total(answeredBy))} answers were approximate: about near frames.`;
}

function showMemory(state) {
  find("memory-card").hidden = !state.admin;
  if (!state.admin) return;
  const rows = state.levels.map(({ level, entries, bytes, bytes_max: most }) => {
    const part = most > 0 ? bytes / most : 0;
    const note = most > 0 ? `${count(entries)} ${entries === 1 ? "entry" : "entries"}, budget ${size(most)}` : "switched off";
    return bar(level, levelLabel(level), size(bytes), part, note);
  });
  find("memory").replaceChildren(...rows);
  showTotal(state.levels.filter(({ bytes }) => bytes > 0));
}

// The bytes of all levels as one bar, so that small levels can be compared however large the budgets are.
function showTotal(levels) {
  const all = levels.reduce((sum, { bytes }) => sum + bytes, 0);
  const parts = levels.map(({ level, bytes }) => {
    const part = make("i", { className: level });
    part.style.width = `${(bytes / all) * 100}%`;
    return part;
  });
  const text = all > 0 ? `${size(all)} in all` : "Nothing is cached yet.";
  find("memory-total").replaceChildren(
    ...(all > 0 ? [make("div", { className: "track", ariaHidden: "true" }, ...parts)] : []),
    make("span", { className: "muted", textContent: text }),
  );
}

// The mean of each stage over the requests on this page in which it happened.
export function showLatency(requests) {
  const means = [];
  for (const name of stageNames) {
    const times = requests.flatMap(({ stages }) => stages.filter(({ stage }) => stage === name).map(({ ms }) => ms));
    if (times.length) means.push({ name, ms: times.reduce((sum, ms) => sum + ms, 0) / times.length });
  }
  const longest = Math.max(...means.map(({ ms }) => ms));
  find("latency").replaceChildren(...means.map(({ name, ms }) => bar("stage", stageLabel(name), duration(ms), ms / longest)));
  find("latency-note").textContent = means.length
    ? `Means over your last ${requests.length === 1 ? "request" : `${requests.length} requests`}, where a stage happened.`
    : "What decoding, encoding and answering take, once something was asked.";
}

const ticks = 60; // one for each poll, which is one second
const kinds = ["model", "embedding", "prefix", "response"]; // from the bottom
let before = null;
let history = [];

// The differences between polls, newest at the right.
function showTimeline(answeredBy) {
  history.push(Object.fromEntries(kinds.map((kind) => [kind, before ? answeredBy[kind] - before[kind] : 0])));
  history = history.slice(-ticks);
  before = answeredBy;
  const tallest = Math.max(4, ...history.map(total));
  const svg = find("timeline");
  svg.replaceChildren(makeSvg("line", { x1: 0, x2: 240, y1: 43.5, y2: 43.5 }));
  history.forEach((tick, index) => {
    let y = 43;
    for (const kind of kinds) {
      const height = (tick[kind] / tallest) * 42;
      y -= height;
      if (height > 0) svg.append(makeSvg("rect", { class: kind, x: 240 - (history.length - index) * 4, y, width: 3.2, height }));
    }
  });
  const sum = history.reduce((all, tick) => all + total(tick), 0);
  const cached = sum - history.reduce((all, tick) => all + tick.model, 0);
  svg.setAttribute("aria-label", sum ? `${sum} requests in the last minute, ${cached} of them from the cache` : "No requests in the last minute");
}

export function clearNumbers() {
  before = null;
  history = [];
}

export function showNumbers(state) {
  showFigures(state);
  showHits(state.levels);
  showApproximate(state);
  showMemory(state);
  showTimeline(state.answered_by);
}
