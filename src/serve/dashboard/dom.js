// Makes elements, and formats numbers for people. Texts become text nodes only: questions and answers may
// hold any markup.

export const find = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function makeSvg(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

const rounded = (value) => value.toLocaleString("en", { maximumSignificantDigits: value < 10 ? 2 : 3, useGrouping: false });

export function duration(ms) {
  if (ms < 0.1) return `${rounded(ms * 1000)} µs`;
  if (ms < 1000) return `${rounded(ms)} ms`;
  if (ms < 60e3) return `${rounded(ms / 1000)} s`;
  const minutes = Math.floor(ms / 60e3);
  if (minutes < 60) return `${minutes} min ${Math.floor(ms / 1000) % 60} s`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor(minutes / 60) % 24} h`;
}

export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  for (; bytes >= 1024 && unit + 1 < units.length; ++unit) bytes /= 1024;
  return `${rounded(bytes)} ${units[unit]}`;
}

export const count = (number) => number.toLocaleString("en");
export const percent = (part, whole) => (whole > 0 ? `${Math.round((part / whole) * 100)} %` : "–");

export function ago(seconds) {
  if (seconds < 5) return "now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

const answeredBy = {
  response: "Response hit",
  prefix: "Prefix hit",
  embedding: "Embedding hit",
  model: "Computed",
};
export const chip = (by) => make("span", { className: `chip ${by}`, textContent: answeredBy[by] });
// Of an answer with `tiles` of earlier frames.
export const nearChip = (tiles) =>
  make("span", {
    className: "chip near",
    textContent: "Near frame",
    title: `Approximate: ${tiles === 1 ? "a tile was" : `${tiles} tiles were`} taken for those of an earlier frame of the camera`,
  });

const stages = {
  decode: "Decode",
  lookup: "Look up",
  wait: "Wait",
  restore: "Restore",
  preprocess: "Preprocess",
  hash: "Hash tiles",
  encode: "Encode",
  prefill: "Prefill",
  generate: "Generate",
  score: "Score",
  store: "Store",
};
export const stageNames = Object.keys(stages);
export const stageLabel = (stage) => stages[stage] ?? stage;

// A line of text over a bar that is `part` (0 to 1) full. The text says all that the bar shows, for screen
// readers.
export function bar(className, label, value, part, note = "") {
  const fill = make("i");
  fill.style.width = `${Math.min(1, part) * 100}%`;
  if (part > 0) fill.style.minWidth = "3px";
  return make(
    "div",
    { className: `bar ${className}` },
    make("span", { className: "label", textContent: label }),
    make("span", { className: "value", textContent: value }),
    make("span", { className: "track", ariaHidden: "true" }, fill),
    ...(note ? [make("span", { className: "muted note", textContent: note })] : []),
  );
}
