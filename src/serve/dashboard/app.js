// The dashboard: asks the server every second how it is, while somebody looks, and shows what changed.

import { call, hasKey, refusalOf, setKey } from "./api.js";
import { find } from "./dom.js";
import { addLooks, forgetLooks, newestId, shownLooks, tellAges } from "./looks.js";
import { forgetNumbers, showLatency, showNumbers } from "./numbers.js";
import { completeStages } from "./playground.js";

const everyMs = 1000;
const retryMs = 5000; // of a server that cannot be reached
let timer = null;
let last = null; // the state before

const requestsOf = ({ answered_by: by }) => by.response + by.prefix + by.embedding + by.model;

function showLive(text, isFaulty) {
  const live = find("live");
  if (live.textContent !== text) live.textContent = text;
  live.classList.toggle("faulty", isFaulty);
}

function forget() {
  last = null;
  forgetNumbers();
  forgetLooks();
}

// Whether the state continues the one before: a server that was started again counts anew.
function continues(state) {
  return !last || (last.started_unix_s === state.started_unix_s && requestsOf(last) <= requestsOf(state));
}

function show(state) {
  showLive("Live", false);
  showNumbers(state);
  if (state.looks.length) {
    addLooks(state.looks);
    completeStages(state.looks);
  }
  if (state.looks.length || !last) showLatency(shownLooks());
  tellAges();
  last = state;
}

async function stateNow() {
  const response = await call(`v1/dashboard/state?after=${newestId()}`);
  if (response.status === 401) return { refused: await refusalOf(response) };
  if (!response.ok) throw new Error(await refusalOf(response));
  return await response.json();
}

// Shows a state; milliseconds until the next is asked for, undefined for not at all.
function take(state) {
  if (state.refused) return askForKey(state.refused);
  find("change-key").hidden = !hasKey();
  if (continues(state)) {
    show(state);
    return everyMs;
  }
  forget();
  return 0;
}

let turn = 0; // what an earlier turn still brings is of another time, or of another key

async function pollAndGoOn() {
  const mine = ++turn;
  let nextMs = retryMs;
  try {
    const state = await stateNow();
    if (mine !== turn) return;
    nextMs = take(state);
  } catch {
    if (mine !== turn) return;
    showLive("Not reachable, trying again", true);
  }
  timer = nextMs === undefined || document.hidden ? null : setTimeout(pollAndGoOn, nextMs);
}

function stop() {
  ++turn;
  clearTimeout(timer);
}

function goOn() {
  stop();
  if (!document.hidden && !find("key-dialog").open) pollAndGoOn();
}
document.addEventListener("visibilitychange", () => {
  forgetNumbers(); // what happened unseen was not of one second
  goOn();
});

// Nothing is asked until there is a key; then the polls go on.
function askForKey(why) {
  forget();
  showLive("Locked", true);
  find("key-error").textContent = hasKey() && why ? why : "";
  if (!find("key-dialog").open) find("key-dialog").showModal();
}

find("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const key = find("key").value.trim();
  if (!/^[\x21-\x7e]+$/.test(key)) {
    find("key-error").textContent = "A key is made of letters, digits and signs, without spaces.";
    return;
  }
  setKey(key);
  find("key").value = "";
  find("key-dialog").close();
});
// Also by Escape: the page then asks again what it may show.
find("key-dialog").addEventListener("close", goOn);
find("change-key").addEventListener("click", () => {
  stop();
  askForKey("");
});

goOn();
