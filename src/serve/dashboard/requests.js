// The recent looks as cards: pictures with what the answer looked at over them, question, answer, and what had it.

import { ago, chip, duration, find, make } from "./dom.js";
import { call } from "./api.js";

const looksMax = 50;
let cards = []; // {look, element, time}, the newest first

// Dark blue over magenta and orange to yellow, as `fovea ask --attention` draws it.
const heatStops = [
  [20, 15, 70],
  [110, 25, 120],
  [200, 60, 90],
  [245, 140, 40],
  [250, 240, 110],
];

function heatColour(score) {
  const at = score * (heatStops.length - 1);
  const below = Math.min(Math.floor(at), heatStops.length - 2);
  return heatStops[below].map((from, channel) => from + (heatStops[below + 1][channel] - from) * (at - below));
}

// A canvas of one pixel a cell, which the browser smooths as it enlarges it.
function heatCanvas({ columns, rows, scores }) {
  const canvas = make("canvas", { className: "heat", width: columns, height: rows, ariaHidden: "true" });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(columns, rows);
  scores.forEach((value, cell) => {
    const score = value / 255;
    pixels.data.set([...heatColour(score), 255 * 0.8 * score], cell * 4);
  });
  context.putImageData(pixels, 0, 0);
  return canvas;
}

const thumbnails = new Map(); // key of a picture -> promise of a URL

const triesMax = 5; // of a server that is busy with somebody else's picture
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A picture that cannot be had now, the next card with it may have.
async function loadThumbnail(key) {
  for (let tries = 0; tries < triesMax; ++tries) {
    const response = await call(`v1/dashboard/thumbnails/${key}`).catch(() => null);
    if (response?.ok) return URL.createObjectURL(await response.blob());
    if (response?.status !== 503) break;
    await pause(1000);
  }
  thumbnails.delete(key);
  return null;
}

let loading = Promise.resolve(); // one after the other, as the server makes them

function thumbnailOf(key) {
  if (!thumbnails.has(key)) {
    loading = loading.then(() => loadThumbnail(key));
    thumbnails.set(key, loading);
  }
  return thumbnails.get(key);
}

function pictureBox(picture) {
  const shape = `${picture.width} × ${picture.height}`;
  const box = make("div", { className: "thumbnail", title: shape });
  box.style.aspectRatio = `${Math.max(picture.width, picture.height / 3)} / ${Math.max(picture.height, picture.width / 3)}`;
  thumbnailOf(picture.key).then((url) => {
    if (!url) return box.replaceChildren(make("span", { className: "muted", textContent: shape }));
    box.prepend(make("img", { src: url, alt: `The picture that was asked about, ${shape} pixels` }));
    if (picture.heat) box.append(heatCanvas(picture.heat));
  });
  return box;
}

function cardOf(look) {
  const more = look.pictures_asked - look.pictures.length;
  const pictures = make("div", { className: "pictures" }, ...look.pictures.map(pictureBox));
  if (more > 0) pictures.append(make("span", { className: "muted", textContent: `and ${more} more` }));
  if (!look.pictures_asked) pictures.append(make("span", { className: "thumbnail muted", textContent: "no picture" }));
  const total = look.stages.find(({ stage }) => stage === "total")?.ms ?? 0;
  const time = make("time", { dateTime: new Date(look.at_unix_s * 1000).toISOString() });
  const facts = make("p", { className: "facts" }, chip(look.answered_by), make("span", { textContent: duration(total) }));
  if (look.saved_ms > 0) facts.append(make("span", { className: "saved", textContent: `saved ${duration(look.saved_ms)}` }));
  facts.append(time);
  const words = make(
    "div",
    { className: "words" },
    make("p", { className: "question", textContent: look.question || "(no question)" }),
    make("p", { className: "answer", textContent: look.answer || "(no answer)" }),
    facts,
  );
  return { look, element: make("li", { className: "card look" }, pictures, words), time };
}

// Lets go of pictures that no card shows any more.
function dropThumbnails() {
  const shown = new Set(cards.flatMap(({ look }) => look.pictures.map(({ key }) => key)));
  for (const [key, url] of thumbnails) {
    if (shown.has(key)) continue;
    thumbnails.delete(key);
    url.then((known) => known && URL.revokeObjectURL(known));
  }
}

export function addLooks(looks) {
  for (const look of looks) {
    const card = cardOf(look);
    find("looks").prepend(card.element);
    cards.unshift(card);
  }
  for (const { element } of cards.splice(looksMax)) element.remove();
  if (looks.length) dropThumbnails();
  find("recent-empty").hidden = cards.length > 0;
  find("heat-choice").hidden = !cards.some(({ look }) => look.pictures.some(({ heat }) => heat));
}

export function tellAges() {
  for (const { look, time } of cards) {
    const text = ago(Date.now() / 1000 - look.at_unix_s);
    if (time.textContent !== text) time.textContent = text;
  }
}

export const shownLooks = () => cards.map(({ look }) => look);
export const newestId = () => cards[0]?.look.id ?? 0;

export function forgetLooks() {
  cards = [];
  find("looks").replaceChildren();
  dropThumbnails();
  addLooks([]);
}

find("heat").addEventListener("change", (event) => find("looks").classList.toggle("cold", !event.target.checked));
