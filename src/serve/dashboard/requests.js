// The recent requests as cards: images with the heat map of the answer's attention over them, question,
// answer, and the level that answered.

import { ago, chip, duration, find, make, nearChip } from "./dom.js";
import { call } from "./api.js";

const requestsMax = 50;
let cards = []; // {request, element, time}, the newest first

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

// A canvas with one pixel for each cell; the browser smooths it when it enlarges it.
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

const thumbnails = new Map(); // image key -> promise of a URL

const triesMax = 5; // while the server is busy with another picture
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A failure is not remembered: the next card with this image tries again.
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

function thumbnailBox({ key, width, height, heat }) {
  const shape = `${width} × ${height}`;
  const box = make("div", { className: "thumbnail", title: shape });
  box.style.aspectRatio = `${Math.max(width, height / 3)} / ${Math.max(height, width / 3)}`;
  thumbnailOf(key).then((url) => {
    if (!url) return box.replaceChildren(make("span", { className: "muted", textContent: shape }));
    box.prepend(make("img", { src: url, alt: `The picture that was asked about, ${shape} pixels` }));
    if (heat) box.append(heatCanvas(heat));
  });
  return box;
}

function picturesOf({ images, images_asked: asked }) {
  const pictures = make("div", { className: "pictures" }, ...images.map(thumbnailBox));
  const more = asked - images.length;
  if (more > 0) pictures.append(make("span", { className: "muted", textContent: `and ${more} more` }));
  if (!asked) pictures.append(make("span", { className: "thumbnail muted", textContent: "no picture" }));
  return pictures;
}

function cardOf(request) {
  const total = request.stages.find(({ stage }) => stage === "total")?.ms ?? 0;
  const time = make("time", { dateTime: new Date(request.at_unix_s * 1000).toISOString() });
  const facts = make("p", { className: "facts" }, chip(request.answered_by), make("span", { textContent: duration(total) }));
  if (request.tiles_near > 0) facts.append(nearChip(request.tiles_near));
  if (request.saved_ms > 0) facts.append(make("span", { className: "saved", textContent: `saved ${duration(request.saved_ms)}` }));
  facts.append(time);
  const words = make(
    "div",
    { className: "words" },
    make("p", { className: "question", textContent: request.question || "(no question)" }),
    make("p", { className: "answer", textContent: request.answer || "(no answer)" }),
    facts,
  );
  return { request, element: make("li", { className: "card request" }, picturesOf(request), words), time };
}

// Releases thumbnails that no card shows any more.
function dropThumbnails() {
  const shown = new Set(cards.flatMap(({ request }) => request.images.map(({ key }) => key)));
  for (const [key, url] of thumbnails) {
    if (shown.has(key)) continue;
    thumbnails.delete(key);
    url.then((known) => known && URL.revokeObjectURL(known));
  }
}

function showParts() {
  find("recent-empty").hidden = cards.length > 0;
  find("heat-choice").hidden = !cards.some(({ request }) => request.images.some(({ heat }) => heat));
}

export function addRequests(requests) {
  for (const request of requests) {
    const card = cardOf(request);
    find("recent-requests").prepend(card.element);
    cards.unshift(card);
  }
  for (const { element } of cards.splice(requestsMax)) element.remove();
  dropThumbnails();
  showParts();
}

export function updateAges() {
  for (const { request, time } of cards) {
    const text = ago(Date.now() / 1000 - request.at_unix_s);
    if (time.textContent !== text) time.textContent = text;
  }
}

export const shownRequests = () => cards.map(({ request }) => request);
export const newestId = () => cards[0]?.request.id ?? 0;

export function clearRequests() {
  cards = [];
  find("recent-requests").replaceChildren();
  dropThumbnails();
  showParts();
}

find("heat").addEventListener("change", (event) => find("recent-requests").classList.toggle("cold", !event.target.checked));
