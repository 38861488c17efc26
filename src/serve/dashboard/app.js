// The dashboard: polls the server's state every second while the page is visible, and shows what changed.

import { call, hasKey, refusalOf, setKey } from "./api.js";
import { find } from "./dom.js";
import { clearNumbers, showLatency, showNumbers } from "./numbers.js";
import { completeStages } from "./playground.js";
import { addRequests, clearRequests, newestId, shownRequests, updateAges } from "./requests.js";
import { showTiers } from "./tiers.js";

const everyMs = 1000;
const retryMs = 5000; // of a server that cannot be reached
let timer = null;
let last = null; // the state of the poll before

const requestsOf = ({ answered_by: by }) => by.response + by.prefix + by.embedding + by.model;

function showLive(text, isFaulty) {
  const live = find("live");
  if (live.textContent !== text) live.textContent = text;
  live.classList.toggle("faulty", isFaulty);
}

function clear() {
  last = null;
  clearNumbers();
  clearRequests();
}

// Whether the state continues the last one: a server that was restarted counts from 0.
function continues(state) {
  return !last || (last.started_unix_s === state.started_unix_s && requestsOf(last) <= requestsOf(state));
}

function show(state) {
  showLive("Live", false);
  showNumbers(state);
  showTiers(state.tiers);
  const added = state.recent_requests;
  if (added.length) {
    addRequests(added);
    completeStages(added);
  }
  if (added.length || !last) showLatency(shownRequests());
  updateAges();
  last = state;
}

async function stateNow() {
  const response = await call(`v1/dashboard/state?after=${newestId()}`);
  if (response.status === 401) return { refused: await refusalOf(response) };
  if (!response.ok) throw new Error(await refusalOf(response));
  return await response.json();
}

// Shows a state. Returns the milliseconds until the next poll; undefined for no further polls.
function take(state) {
  if (state.refused) return askForKey(state.refused);
  find("change-key").hidden = !hasKey();
  if (continues(state)) {
    show(state);
    return everyMs;
  }
  clear();
  return 0;
}

let turn = 0; // counts starts and stops: the reply to a poll of an earlier turn is dropped, it may be another key's

async function pollAndContinue() {
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
  timer = nextMs === undefined || document.hidden ? null : setTimeout(pollAndContinue, nextMs);
}

function stop() {
  ++turn;
  clearTimeout(timer);
}

function restart() {
  stop();
  if (!document.hidden && !find("key-dialog").open) pollAndContinue();
}
document.addEventListener("visibilitychange", () => {
  clearNumbers(); // the difference to the last poll is of more than one second
  restart();
});

// Polls stop until a key is entered.
function askForKey(why) {
  clear();
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
// Also by Escape: the page then polls again, with the key it has.
find("key-dialog").addEventListener("close", restart);
find("change-key").addEventListener("click", () => {
  stop();
  askForKey("");
});

restart();
