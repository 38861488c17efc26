// Requests are told in the order of their answers, and looked at in that order. What became of a move is read
// off the look-ups of the requests themselves (prefetch_account.h), so nothing is guessed from times alone.
//
// A picture is worth its move where the wait that it is expected to save exceeds the one that it may cost: it
// keeps the link for as long as a request would wait for the same bytes, and what it displaces in memory may
// have to be fetched again in the same time. So at least 1 ms has to be left of the difference.
//
// A state behind a picture serves a request only if that begins with the very same tokens. So it is known by
// the beginning of the session's last request. Where it was moved, the embeddings are not needed.
#include "prefetch/prefetcher.h"

#include <algorithm>
#include <utility>

#include "base/background_thread.h"

namespace fovea {

namespace {

using namespace std::chrono_literals;

// While predictions wait for an idle machine. Nobody tells when it is, since that would cost requests.
constexpr auto poll = 5ms;
constexpr double end_old_every_ms = 1000;

Key key_of(std::string_view domain, const Key& scope, const Key& a) {
  return KeyBuilder(domain).field(scope).field(a).finish();
}
Key tiling_place(const Key& scope, const Key& picture) { return key_of("fovea/prefetch-tiling/1", scope, picture); }
Key lead_place(const Key& scope, const Key& session) { return key_of("fovea/prefetch-lead/1", scope, session); }
Key prefix_place(const Key& scope, const Key& lead, const Key& picture) {
  return KeyBuilder("fovea/prefetch-prefix/1").field(scope).field(lead).field(picture).finish();
}

}  // namespace

Prefetcher::Prefetcher(PictureMover& mover, std::function<bool()> idle, PrefetcherOptions options, const Clock& clock)
    : mover_(mover),
      idle_(std::move(idle)),
      options_(options),
      clock_(clock),
      table_(options.successors, clock),
      account_(table_, clock),
      tilings_(options.pictures_max),
      prefixes_(options.pictures_max),
      leads_(options.successors.sessions_max),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Prefetcher::~Prefetcher() {
  thread_.request_stop();
  thread_.join();
}

void Prefetcher::asked(AskedRequest request) {
  {
    MutexLock lock(mutex_);
    if (requests_.size() >= options_.told_max) return;
    requests_.push_back(std::move(request));
    busy_ = true;
  }
  told_.notify_one();
}

PrefetchCounts Prefetcher::counts() const {
  MutexLock lock(mutex_);
  return counts_;
}

bool Prefetcher::flush(std::chrono::steady_clock::time_point deadline) {
  MutexLock lock(mutex_);
  while (busy_) {
    if (looked_at_.wait_until(mutex_, deadline) == std::cv_status::timeout && busy_) return false;
  }
  return true;
}

void Prefetcher::run(const std::stop_token& stop) {
  run_in_background();
  while (!stop.stop_requested()) {
    for (const AskedRequest& request : next_requests(stop)) look_at(request);
    drop_old();
    if (!queue_.empty() && idle_()) move_next(stop);
    publish(queue_.empty() ? Doing::nothing : Doing::something);
  }
}

// At once where there are some, or where something can be moved.
std::deque<AskedRequest> Prefetcher::next_requests(const std::stop_token& stop) {
  const bool moves = !queue_.empty() && idle_();
  MutexLock lock(mutex_);
  const auto told = [this]() FOVEA_REQUIRES(mutex_) { return !requests_.empty(); };
  if (queue_.empty()) {
    told_.wait(mutex_, stop, told);
  } else if (!moves) {
    told_.wait_for(mutex_, stop, poll, told);
  }
  return std::exchange(requests_, {});
}

void Prefetcher::look_at(const AskedRequest& request) {
  if (const double now_ms = clock_.now_ms(); now_ms >= ended_old_ms_ + end_old_every_ms) {
    account_.end_old([this](const Key& key) { return mover_.in_memory(key); });
    ended_old_ms_ = now_ms;
  }
  std::vector<Key> pictures;
  for (const AskedPicture& asked : request.pictures) pictures.push_back(asked.picture);
  if (request.computed) account_.asked(request.scope, pictures, request.looked_up, request.began_ms);
  remember(request);
  if (pictures.empty()) return;
  const auto turnover = mover_.turnover();
  const KnownPicture last{.scope = request.scope, .tiling = request.pictures.back().tiling, .prefix = request.prefix};
  table_.set_times(mover_.wait_ms(last), kept_.observe(turnover.entries, turnover.evictions, clock_.now_ms()));
  const auto movable = [&](const Key& picture) {
    const auto found = known(request.scope, request.session, picture);
    return found && mover_.lacks(*found);
  };
  for (const auto& prediction : table_.asked(request.scope, request.session, pictures, movable))
    enqueue({prediction, request.scope, request.session, clock_.now_ms()});
}

void Prefetcher::remember(const AskedRequest& request) {
  for (const AskedPicture& asked : request.pictures)
    tilings_.find_or_add(tiling_place(request.scope, asked.picture)) = asked.tiling;
  if (!request.lead) return;
  leads_.find_or_add(lead_place(request.scope, request.session)) = *request.lead;
  if (request.prefix && request.pictures.size() == 1)
    prefixes_.find_or_add(prefix_place(request.scope, *request.lead, request.pictures[0].picture)) = *request.prefix;
}

std::optional<KnownPicture> Prefetcher::known(const Key& scope, const Key& session, const Key& picture) {
  const Key* tiling = tilings_.find(tiling_place(scope, picture));
  if (tiling == nullptr) return std::nullopt;
  KnownPicture known{.scope = scope, .tiling = *tiling, .prefix = {}};
  if (const Key* lead = leads_.find(lead_place(scope, session))) {
    if (const Key* prefix = prefixes_.find(prefix_place(scope, *lead, picture))) known.prefix = *prefix;
  }
  return known;
}

// Of too many, the oldest goes.
void Prefetcher::enqueue(const Queued& queued) {
  queue_.push_back(queued);
  if (queue_.size() <= options_.queue_max) return;
  account_.dropped(queue_.front().prediction.number);
  queue_.pop_front();
}

// Also on a machine that is never idle.
void Prefetcher::drop_old() {
  const double oldest_ms = clock_.now_ms() - options_.queued_max_ms;
  while (!queue_.empty() && queue_.front().since_ms < oldest_ms) {
    account_.dropped(queue_.front().prediction.number);
    queue_.pop_front();
  }
}

void Prefetcher::move_next(const std::stop_token& stop) {
  const Queued next = queue_.front();
  queue_.pop_front();
  const auto& [number, picture, confidence] = next.prediction;
  const auto found = known(next.scope, next.session, picture);
  if (!found || !mover_.lacks(*found) || !is_worth(*found, confidence)) return account_.dropped(number);
  account_.began(number, next.scope, picture);
  publish(Doing::something);
  auto parts = mover_.move(*found, stop);
  const auto is_prefix = [&](const PrefetchAccount::Part& part) { return part.key == *found->prefix; };
  if (found->prefix && std::ranges::none_of(parts, is_prefix)) drop_prefix(next);
  if (parts.empty() && !mover_.lacks(*found)) return account_.overtaken(number);
  account_.moved(number, std::move(parts));
}

// No tier has it, or none any more: it was not worth its bytes.
void Prefetcher::drop_prefix(const Queued& queued) {
  if (const Key* lead = leads_.find(lead_place(queued.scope, queued.session)))
    prefixes_.erase(prefix_place(queued.scope, *lead, queued.prediction.picture));
}

bool Prefetcher::is_worth(const KnownPicture& picture, double confidence) {
  const double wait_ms = mover_.wait_ms(picture);
  return confidence * wait_ms - (1 - confidence) * wait_ms >= options_.gain_min_ms;
}

void Prefetcher::publish(Doing doing) {
  {
    MutexLock lock(mutex_);
    counts_ = account_.counts();
    busy_ = doing == Doing::something || !requests_.empty();
    if (busy_) return;
  }
  looked_at_.notify_all();
}

}  // namespace fovea
