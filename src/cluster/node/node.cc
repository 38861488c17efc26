// The steps and their order are those of RequestRun, SourceAliases, ResponseLevel, PrefixLevel, ImageEncode
// and await_lease: what policies and tiers are asked and told, and when, decides what is found later.
// docs/simulate.md says what is left out.
// A function goes on after each wait as if the node lived: a life that has ended asks nobody and tells nobody
// (NodeStore::stop, Node::run), so what it still computes is nothing to anybody.
//
// All tiles of a picture are one entry, so the flights of a picture and of its tiles are one too.
#include "cluster/node/node.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace fovea {

namespace {

// As await_lease.cc
constexpr double pause_min_ms = 10, pause_max_ms = 250;

Flow flow_of(const FleetRequest& request) { return {.tenant = request.tenant, .request = request.number}; }

Way way_of(TierKind found) {
  if (found == TierKind::memory) return Way::embedding_memory;
  return found == TierKind::disk ? Way::embedding_disk : Way::embedding_shared;
}

}  // namespace

Node::Node(std::uint32_t number, const NodeClass& of, const NodeCosts& costs, NodeSurroundings surroundings)
    : number_(number), class_(of), costs_(costs), around_(surroundings) {
  if (of.disk_bytes > 0) tiers_.push_back(&disk_.emplace(around_.timeline, of.disk, of.disk_bytes));
  if (around_.shared != nullptr)
    tiers_.push_back(&shared_.emplace(around_.timeline, around_.network, *around_.shared, number));
  come_back();
}

void Node::come_back() {
  if (life_) return;
  life_ = std::make_shared<Life>(around_.timeline, class_, costs_, around_.fetching, tiers_);
  if (around_.prefetch && life_->store.has_tiers())
    life_->prefetch.emplace(around_.timeline, life_->store, costs_, stores_prefixes(),
                            [&life = *life_] { return life.computing == 0; });
  lives_.push_back(life_);
}

void Node::die() {
  if (!life_) return;
  life_->alive = false;
  life_->encoding_ms = life_->device.encoding_ms();
  life_->decoding_ms = life_->device.decoding_ms();
  life_->store.stop();
  if (life_->prefetch) life_->prefetch->stop();
  life_.reset();
  for (const auto& [number, attempt] : std::exchange(attempts_, {})) attempt->done.open();
}

void Node::give_up() {
  for (const auto& [number, attempt] : std::exchange(attempts_, {})) {
    attempt->silent = true;
    attempt->done.open();
  }
}

std::shared_ptr<Node::Attempt> Node::begin(const FleetRequest& request) {
  check(is_up(), "a node that is asked is up");
  auto attempt = std::make_shared<Attempt>(around_.timeline);
  attempts_.emplace(request.number, attempt);
  spawn(run(life_, request, attempt));
  return attempt;
}

Task<void> Node::run(std::shared_ptr<Life> life, FleetRequest request, std::shared_ptr<Attempt> attempt) {
  RequestLookups lookups{.made = {}, .began_ms = around_.timeline.now_ms()};
  const std::optional<Served> served = co_await answer(*life, request, lookups);
  if (served && life->alive && life->prefetch) life->prefetch->asked(request, lookups);
  if (!life->alive || attempt->silent) co_return;
  if (served) {
    ++counts_.requests;
    if (served->from_memory) ++counts_.from_memory;
  }
  attempt->served = served;
  attempt->busy = !served;
  attempts_.erase(request.number);
  attempt->done.open();
}

// Nothing where the node is busy: whoever finds no answer needs one of so many permits.
Task<std::optional<Served>> Node::answer(Life& life, FleetRequest request, RequestLookups& lookups) {
  const bool opened = co_await open(life, request);
  if (around_.levels.response) {
    if (const auto found = co_await life.store.find(costs_.response(request.picture, request.question))) {
      co_await around_.timeline.wait(costs_.hit_ms);
      co_return Served{.way = Way::response, .from_memory = *found == TierKind::memory};
    }
  }
  if (life.computing >= class_.requests_max) co_return std::nullopt;
  ++life.computing;
  const Served served = co_await share(life, request, opened, lookups);
  if (--life.computing == 0 && life.prefetch) life.prefetch->became_idle();
  co_return served;
}

// Which picture the request's bytes are: known, or decoded, which is the result.
Task<bool> Node::open(Life& life, FleetRequest request) {
  const StoredEntry alias = costs_.alias(request.picture);
  if (co_await life.store.find(alias)) co_return false;
  co_await around_.timeline.wait(costs_.open_ms);
  life.store.insert(alias);
  co_return true;
}

// An answer that is not stored: computed, unless it is being computed.
Task<Served> Node::share(Life& life, FleetRequest request, bool opened, RequestLookups& lookups) {
  const StoredEntry response = costs_.response(request.picture, request.question);
  if (around_.levels.response) {
    const auto flight = life.answers.find(response.key);
    if (flight) co_await flight->passed();
    if (flight || life.store.contains(response)) {  // or its flight ended while the tiers were asked
      life.store.used(response, 1);
      co_await around_.timeline.wait(costs_.hit_ms);
      if (!flight) co_return Served{.way = Way::response, .from_memory = true};
      if (life.alive) ++counts_.joined;
      co_return Served{.way = Way::joined, .from_memory = false};
    }
    life.answers.begin(response.key);
  }
  const Answered answered = co_await compute(life, request, opened, lookups);
  if (around_.levels.response) {
    life.store.insert(response);
    life.answers.end(response.key);
  }
  co_await keep_prefix(life, request, answered.held);
  co_return answered.served;
}

Task<Node::Answered> Node::compute(Life& life, FleetRequest request, bool opened, RequestLookups& lookups) {
  lookups.computed = true;
  Served served;
  bool from_prefix = false, known = true;
  if (stores_prefixes()) {
    const StoredEntry prefix = costs_.prefix(request.picture);
    const auto found = co_await life.store.find(prefix);
    lookups.made.push_back({prefix, found});
    from_prefix = found.has_value();
    served = {.way = Way::prefix, .from_memory = found == TierKind::memory};
  }
  if (!from_prefix) {
    const Embeddings made = co_await embeddings(life, request, opened, lookups);
    known = made.known;
    served = {.way = made.way, .from_memory = made.way == Way::embedding_memory};
  }
  co_await around_.timeline.wait(known ? costs_.known_around_ms : costs_.around_ms);
  co_await life.device.acquire_slot(flow_of(request));
  const Stopwatch held(around_.timeline);
  co_await decode(life, request, from_prefix);
  co_return Answered{.served = served, .held = held};
}

Task<Node::Embeddings> Node::embeddings(Life& life, FleetRequest request, bool opened, RequestLookups& lookups) {
  const double pixels_ms = opened ? 0 : costs_.open_ms;
  if (!around_.levels.embedding) {
    co_await around_.timeline.wait(pixels_ms + costs_.preprocess_ms);
    co_await encode(life, request);
    co_return Embeddings{};
  }
  const StoredEntry embedding = costs_.embedding(request.picture), tiling = costs_.tiling(request.picture);
  const bool tiled = (co_await life.store.find(tiling)).has_value();
  if (tiled) {
    const auto found = co_await life.store.find(embedding, costs_.alike);
    lookups.made.push_back({embedding, found});
    if (found) co_return Embeddings{.way = way_of(*found), .known = true};
  }
  const auto flight = life.pictures.find(embedding.key);
  if (flight) co_await flight->passed();  // gives them to all who wait, though memory may not have admitted them
  if (flight || life.store.contains(embedding)) {
    life.store.used(embedding, costs_.alike);
    co_return Embeddings{.way = flight ? Way::embedding_joined : Way::embedding_memory, .known = true};
  }
  life.pictures.begin(embedding.key);
  co_await around_.timeline.wait(pixels_ms + costs_.preprocess_ms);
  const Embeddings made = co_await make_embeddings(life, request, tiled);
  if (!tiled) life.store.insert(tiling);
  life.pictures.end(embedding.key);
  co_return made;
}

// The tiles of a picture that was cut into them: what is missing is encoded, unless another node does. Tiles
// that are alike find what the first of them left.
Task<Node::Embeddings> Node::make_embeddings(Life& life, FleetRequest request, bool tiled) {
  const StoredEntry embedding = costs_.embedding(request.picture);
  Embeddings made;
  if (!tiled) {
    co_await life.device.work(flow_of(request), costs_.hash_ms, SimulatedDevice::Work::encoding);
    if (const auto found = co_await life.store.find(embedding)) made.way = way_of(*found);
  }
  if (made.way == Way::encoded) {
    const NodeStore::LeaseAnswer lease = co_await life.store.acquire_lease(embedding);
    bool elsewhere = lease.found.has_value();
    if (lease.wait_ms) {
      if (life.alive) ++counts_.leases_waited;
      elsewhere = co_await await_lease(life, embedding, *lease.wait_ms);
    }
    if (elsewhere) made.way = Way::embedding_joined;
  }
  if (made.way == Way::encoded) {
    co_await encode(life, request);
    life.store.insert(embedding);
  }
  life.store.used(embedding, costs_.alike - 1);
  co_return made;
}

// Whether another node has made it.
Task<bool> Node::await_lease(Life& life, StoredEntry embedding, double wait_ms) {
  const double until_ms = around_.timeline.now_ms() + wait_ms;
  for (double pause_ms = pause_min_ms; around_.timeline.now_ms() < until_ms && life.alive;
       pause_ms = std::min(pause_ms * 1.5, pause_max_ms)) {
    const NodeStore::LeaseAnswer answer = co_await life.store.acquire_lease(embedding);
    if (answer.found || !answer.wait_ms) co_return answer.found.has_value();
    co_await around_.timeline.wait(pause_ms);
  }
  co_return false;
}

Task<void> Node::encode(Life& life, FleetRequest request) {
  for (std::uint32_t i = 0; i < costs_.encodes; ++i)
    co_await life.device.work(flow_of(request), costs_.encode_ms, SimulatedDevice::Work::encoding);
  if (!life.alive) co_return;
  ++counts_.encodes;
  if (!around_.encoded.insert(costs_.embedding(request.picture).key).second) ++counts_.repeated_encodes;
}

// REQUIRES: the request holds a slot.
Task<void> Node::decode(Life& life, FleetRequest request, bool from_prefix) {
  const Flow flow = flow_of(request);
  if (from_prefix) {
    co_await life.device.work(flow, costs_.state_in_ms, SimulatedDevice::Work::decoding);
    // A server tells what the embeddings once took, which the tiling says.
    if (around_.levels.embedding) co_await life.store.find(costs_.tiling(request.picture));
  }
  co_await life.device.work(flow, from_prefix ? costs_.question_ms : costs_.prefill_ms,
                            SimulatedDevice::Work::decoding);
  co_await life.device.decode(costs_.answer_tokens);
}

// Also where it was found in a tier and memory had no room: a server does not tell that from a new one.
Task<void> Node::keep_prefix(Life& life, FleetRequest request, Stopwatch held) {
  const Flow flow = flow_of(request);
  const StoredEntry prefix = costs_.prefix(request.picture);
  if (stores_prefixes() && !life.store.contains(prefix)) {
    co_await life.device.work(flow, costs_.state_out_ms, SimulatedDevice::Work::decoding);
    life.store.insert(prefix);
  }
  life.device.release_slot(flow, held.elapsed_ms());
}

Node::Counts Node::counts() const {
  Counts counts = counts_;
  for (const auto& life : lives_) {
    counts.encoding_ms += life->alive ? life->device.encoding_ms() : life->encoding_ms;
    counts.decoding_ms += life->alive ? life->device.decoding_ms() : life->decoding_ms;
  }
  return counts;
}

void Node::add_counts(RecordKind kind, LevelOutcomes& outcomes) const {
  for (const auto& life : lives_) life->store.add_counts(kind, outcomes);
}

void Node::add_prefetch(PrefetchOutcome& outcome) const {
  for (const auto& life : lives_) {
    if (!life->prefetch) continue;
    const PrefetchCounts counts = life->prefetch->counts();
    outcome.issued += counts.issued;
    outcome.used += counts.used;
    outcome.late += counts.late;
    outcome.wasted += counts.wasted;
    outcome.waited += counts.waited;
    outcome.bytes += static_cast<double>(counts.bytes);
    outcome.wasted_bytes += static_cast<double>(counts.wasted_bytes);
  }
}

std::uint64_t Node::times_opened() const {
  std::uint64_t times = 0;
  for (const auto& life : lives_) times += life->store.times_opened();
  return times;
}

}  // namespace fovea
