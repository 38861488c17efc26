// The playground: a question about a picture, and its answer as it is streamed, with the level that hit and
// the time of each stage.

import { call, refusalOf } from "./api.js";
import { chip, duration, find, make, stageLabel } from "./dom.js";
import { chosenPicture, dataUrlOf } from "./picture.js";

let asking = null; // the AbortController of the request in progress
const computedMs = new Map(); // by image key and question: the time of an answer that was computed
let shown = null; // the answer that is shown, until the state has its request with all stages

function say(message) {
  find("outcome-head").replaceChildren(make("span", { className: "error", role: "alert", textContent: message }));
}

function levelOf(cacheStatus) {
  const hit = (level) => new RegExp(`fovea-${level}; hit`).test(cacheStatus ?? "");
  return ["response", "prefix", "embedding"].find(hit) ?? "model";
}

function timesOf(serverTiming) {
  const times = [...(serverTiming ?? "").matchAll(/([\w-]+);dur=([\d.]+)/g)];
  return times.map(([, stage, ms]) => ({ stage, ms: Number(ms) })).filter(({ stage }) => stage !== "total");
}

function showWaterfall(stages) {
  const total = stages.reduce((sum, { ms }) => sum + ms, 0) || 1;
  let start = 0;
  const rows = stages.map(({ stage, ms }) => {
    const fill = make("i");
    fill.style.marginLeft = `min(${(start / total) * 100}%, 100% - 3px)`; // the shortest are still visible
    fill.style.width = `${(ms / total) * 100}%`;
    start += ms;
    return make(
      "li",
      {},
      make("span", { className: "label", textContent: stageLabel(stage) }),
      make("span", { className: "track", ariaHidden: "true" }, fill),
      make("span", { className: "value", textContent: duration(ms) }),
    );
  });
  find("waterfall").replaceChildren(...rows);
  find("waterfall").hidden = rows.length === 0;
}

function showHead(by, text) {
  find("outcome-head").replaceChildren(chip(by), " ", make("span", { className: "muted", textContent: text }));
}

// Each event of a stream of server-sent events, parsed, until "[DONE]".
async function* eventsOf(response) {
  let rest = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.replace(/^data: /, "");
      if (data !== "[DONE]") yield JSON.parse(data);
    }
  }
}

async function bodyOf(question) {
  const content = [
    { type: "image_url", image_url: { url: await dataUrlOf(chosenPicture()) } },
    { type: "text", text: question },
  ];
  const temperature = Number(find("temperature").value) || 0;
  return JSON.stringify({ model: "", messages: [{ role: "user", content }], temperature, stream: true });
}

async function streamAnswer(response) {
  for await (const event of eventsOf(response)) {
    if (event.error) throw new Error(event.error.message);
    find("answer").append(event.choices?.[0]?.delta?.content ?? "");
  }
}

function hintAt(by, ms) {
  if (by !== "response") return Number(find("temperature").value) ? "" : "Ask the same again to see a hit.";
  const before = computedMs.get(`${shown.key} ${shown.question}`);
  const faster = before > ms * 1.5 ? ` It took ${duration(before)} to make, and ${duration(ms)} now.` : "";
  return `The model was not asked: this answer was stored.${faster}`;
}

async function answerTo(question, signal) {
  const started = performance.now();
  const body = await bodyOf(question);
  const headers = { "Content-Type": "application/json" };
  const response = await call("v1/chat/completions", { method: "POST", headers, body, signal });
  if (!response.ok) throw new Error(await refusalOf(response));
  const begun = performance.now();
  const by = levelOf(response.headers.get("cache-status"));
  const stages = timesOf(response.headers.get("server-timing"));
  showHead(by, "answering");
  showWaterfall(stages);
  await streamAnswer(response);
  const ended = performance.now();
  showHead(by, `in ${duration(ended - started)}`);
  const key = response.headers.get("fovea-image-keys");
  if (by !== "response") {
    computedMs.set(`${key} ${question}`, ended - started);
    showWaterfall([...stages, { stage: "generate", ms: ended - begun }]);
  }
  shown = { question, by, key };
  find("hint").textContent = hintAt(by, ended - started);
}

function settle() {
  asking = null;
  find("answer").ariaBusy = "false";
  find("send").textContent = "Ask";
}

async function ask() {
  const question = find("question").value.trim();
  if (!chosenPicture()) {
    say("Choose a picture first.");
    return find("file").focus();
  }
  if (!question) {
    say("Ask something about the picture.");
    return find("question").focus();
  }
  asking = new AbortController();
  shown = null;
  find("answer").replaceChildren();
  find("answer").ariaBusy = "true";
  find("hint").textContent = "";
  find("waterfall").hidden = true;
  find("outcome-head").replaceChildren(make("span", { className: "muted working", textContent: "Waiting for the answer" }));
  find("send").textContent = "Stop";
  try {
    await answerTo(question, asking.signal);
  } catch (error) {
    if (error.name === "AbortError") say("Stopped.");
    else say(error instanceof TypeError ? "The server could not be reached. Is it still running?" : error.message);
  }
  settle();
}

find("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  if (asking) asking.abort();
  else ask();
});

// Replaces the stages of the answer that is shown by the server's own times, which include those after the
// first token.
export function completeStages(requests) {
  const isShown = ({ question, answered_by: by, images }) =>
    question === shown.question && by === shown.by && images[0]?.key === shown.key;
  const request = shown && requests.findLast(isShown);
  if (!request) return;
  showWaterfall(request.stages.filter(({ stage }) => stage !== "total"));
  shown = null;
}
