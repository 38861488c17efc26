// The steps and their order are those of RequestRun, ResponseLevel, PrefixLevel, ImageEncode and await_lease.
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
  const Served served = co_await answer(*life, request, lookups);
  if (life->alive && life->prefetch) life->prefetch->asked(request, lookups);
  if (!life->alive || attempt->silent) co_return;
  ++counts_.requests;
  if (served.from_memory) ++counts_.from_memory;
  attempt->served = served;
  attempts_.erase(request.number);
  attempt->done.open();
}

Task<Served> Node::answer(Life& life, FleetRequest request, RequestLookups& lookups) {
  if (!around_.levels.response) co_return co_await compute(life, request, lookups);
  const StoredEntry response = costs_.response(request.picture, request.question);
  if (const auto found = co_await life.store.find(response)) {
    co_await around_.timeline.wait(costs_.hit_ms);
    co_return Served{.way = Way::response, .from_memory = *found == TierKind::memory};
  }
  if (const auto flight = life.answers.find(response.key)) {
    co_await flight->passed();
    co_await around_.timeline.wait(costs_.hit_ms);
    if (life.alive) ++counts_.joined;
    co_return Served{.way = Way::joined, .from_memory = false};
  }
  if (life.store.contains(response)) {  // its flight ended while the tiers were asked
    co_await around_.timeline.wait(costs_.hit_ms);
    co_return Served{.way = Way::response, .from_memory = true};
  }
  life.answers.begin(response.key);
  const Served served = co_await compute(life, request, lookups);
  life.store.insert(response);
  life.answers.end(response.key);
  co_return served;
}

Task<Served> Node::compute(Life& life, FleetRequest request, RequestLookups& lookups) {
  ++life.computing;
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
    const Embeddings made = co_await embeddings(life, request, lookups);
    known = made.known;
    served = {.way = made.way, .from_memory = made.way == Way::embedding_memory};
  }
  co_await around_.timeline.wait(known ? costs_.known_around_ms : costs_.around_ms);
  co_await decode(life, request, from_prefix);
  if (--life.computing == 0 && life.prefetch) life.prefetch->became_idle();
  co_return served;
}

Task<Node::Embeddings> Node::embeddings(Life& life, FleetRequest request, RequestLookups& lookups) {
  if (!around_.levels.embedding) {
    co_await around_.timeline.wait(costs_.open_ms + costs_.preprocess_ms);
    co_await encode(life, request);
    co_return Embeddings{};
  }
  const StoredEntry embedding = costs_.embedding(request.picture);
  bool tiled = (co_await life.store.find(costs_.tiling(request.picture))).has_value();
  if (tiled) {
    const auto found = co_await life.store.find(embedding);
    lookups.made.push_back({embedding, found});
    if (found) co_return Embeddings{.way = way_of(*found), .known = true};
  }
  if (const auto flight = life.pictures.find(embedding.key)) {
    co_await flight->passed();  // and gives them to all who wait, though memory may not have admitted them
    co_return Embeddings{.way = Way::embedding_joined, .known = true};
  }
  if (life.store.contains(embedding)) co_return Embeddings{.way = Way::embedding_memory, .known = true};
  life.pictures.begin(embedding.key);
  const Embeddings made = co_await make_embeddings(life, request, tiled);
  life.pictures.end(embedding.key);
  co_return made;
}

// The picture is opened and cut into tiles, and what is missing is encoded, unless another node does.
Task<Node::Embeddings> Node::make_embeddings(Life& life, FleetRequest request, bool tiled) {
  const StoredEntry embedding = costs_.embedding(request.picture);
  co_await around_.timeline.wait(costs_.open_ms + costs_.preprocess_ms);
  if (!tiled) {
    co_await life.device.work(flow_of(request), costs_.hash_ms, SimulatedDevice::Work::encoding);
    life.store.insert(costs_.tiling(request.picture));
    if (const auto found = co_await life.store.find(embedding)) co_return Embeddings{.way = way_of(*found)};
  }
  const NodeStore::LeaseAnswer lease = co_await life.store.acquire_lease(embedding);
  if (lease.found) co_return Embeddings{.way = Way::embedding_joined};
  if (lease.wait_ms) {
    if (life.alive) ++counts_.leases_waited;
    if (co_await await_lease(life, embedding, *lease.wait_ms)) co_return Embeddings{.way = Way::embedding_joined};
  }
  co_await encode(life, request);
  life.store.insert(embedding);
  co_return Embeddings{};
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

Task<void> Node::decode(Life& life, FleetRequest request, bool from_prefix) {
  const Flow flow = flow_of(request);
  co_await life.device.acquire_slot(flow);
  const Stopwatch held(around_.timeline);
  const double before_ms = from_prefix ? costs_.state_in_ms + costs_.question_ms : costs_.prefill_ms;
  co_await life.device.work(flow, before_ms, SimulatedDevice::Work::decoding);
  co_await life.device.decode(costs_.answer_tokens);
  const StoredEntry prefix = costs_.prefix(request.picture);
  if (stores_prefixes() && !from_prefix && !life.store.contains(prefix)) {
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
