// What is predicted is right where it is asked for after the move would be over, and before memory would have
// evicted it. So a prediction that is true and useless counts as wrong: a picture that comes at once, or in
// an hour.
//
// What comes true is known at once, and what does not, late: a table that waited for memory to evict it would
// believe for that long that all comes true. So a prediction is wrong, as far as this table learns from it,
// as soon as its session has gone on by some steps without it. (How many were used is counted elsewhere, to
// the end: prefetch_account.h.)
//
// Whether a prediction is issued depends on three records, from the general to the particular: of predictions
// of its sort in the scope (made from the session's own steps or from everybody's, how often it was seen, for
// which share of what followed, and whether it was the last that followed), of its session, and of this very
// step. They are added up, the general ones with a bounded weight, and the lower end of the interval decides.
// A threshold on the share alone was measured beside it (decision 073): it cannot see that
// memory evicts too soon, that requests come too fast, or that a session went another way.
#include "prefetch/successor_table.h"

#include <algorithm>

namespace fovea {

namespace {

// Enough to begin by, and so few that a step's own record soon outweighs them.
constexpr double sort_weight = 48;
constexpr double session_weight = 6;
constexpr double issued_min = 8;  // moves, before it counts how many of them were used
constexpr double issued_weight = 24;
constexpr std::uint32_t every_max = 256;
constexpr double seen_max = 64;  // then counts are halved, so that what is new gets its share soon

Key place_of(const Key& scope, const Key& picture) {
  return KeyBuilder("fovea/prefetch-place/1").field(scope).field(picture).finish();
}

Key session_of(const Key& scope, const Key& session) {
  return KeyBuilder("fovea/prefetch-session/1").field(scope).field(session).finish();
}

// `session` null: of all sessions of the scope.
Key followed_of(const Key& scope, const Key* session, const Key& picture) {
  KeyBuilder key("fovea/prefetch-step/1");
  key.field(scope).field(session != nullptr);
  if (session != nullptr) key.field(*session);
  return key.field(picture).finish();
}

// Below 36.
std::size_t sort_of(bool own, double seen, double share, bool latest) {
  std::size_t sort = own ? 1 : 0;
  sort = sort * 3 + (seen >= 8 ? 2 : seen >= 4 ? 1 : 0);
  sort = sort * 2 + (latest ? 1 : 0);
  return sort * 3 + (share >= 0.85 ? 2 : share >= 0.6 ? 1 : 0);
}

}  // namespace

SuccessorTable::SuccessorTable(SuccessorOptions options, const Clock& clock)
    : options_(options),
      clock_(clock),
      kept_ms_(options.wait_max_ms),
      followed_(options.pictures_max),
      sessions_(options.sessions_max),
      scopes_(options.scopes_max),
      trials_(options.pending_max),
      issued_(options.pending_max) {}

std::vector<SuccessorTable::Prediction> SuccessorTable::asked(const Key& scope, const Key& session_key,
                                                              std::span<const Key> pictures, const Movable& movable) {
  expire_trials();
  score_trials(scope, pictures);
  const Key session_id = session_of(scope, session_key);
  Session& session = sessions_.find_or_add(session_id);
  std::vector<Key> fresh;
  for (const Key& picture : pictures) {
    if (!std::ranges::contains(session.pictures, picture.bits()) && !std::ranges::contains(fresh, picture))
      fresh.push_back(picture);
  }
  session.pictures.clear();
  for (const Key& picture : pictures.last(std::min(pictures.size(), session_pictures_max)))
    session.pictures.push_back(picture.bits());
  if (fresh.empty()) return {};
  ++session.steps;
  end_old_steps(session);
  if (session.last) {
    const auto next = std::span(fresh).first(std::min(fresh.size(), successors_max));
    learn(followed_of(scope, &session_key, *session.last), next);
    learn(followed_of(scope, nullptr, *session.last), next);
  }
  session.last = fresh.back();

  std::vector<Candidate> candidates;
  gather(followed_of(scope, &session_key, fresh.back()), true, candidates);
  gather(followed_of(scope, nullptr, fresh.back()), false, candidates);
  std::vector<Prediction> predictions;
  for (const Candidate& candidate : candidates) {
    const Key& picture = candidate.successor.picture;
    const Key place = place_of(scope, picture);
    if (issued_.contains(place) || std::ranges::contains(pictures, picture) || !movable(picture)) continue;
    const PendingPrediction pending{.number = ++numbers_,
                                    .place = place,
                                    .scope = scope,
                                    .session = session_id,
                                    .followed = candidate.followed,
                                    .picture = picture,
                                    .sort = candidate.sort,
                                    .made_ms = clock_.now_ms()};
    const double confidence = confidence_in(candidate, scope, session);
    if (issues(confidence, scope)) {
      issued_.add(pending);
      predictions.push_back({.number = pending.number, .picture = picture, .confidence = confidence});
    } else {
      if (!trials_.add(pending)) continue;  // of one picture, one trial at a time
      ++tried_;
    }
    session.open.push_back({.step = session.steps, .number = pending.number});
  }
  std::ranges::stable_sort(predictions, std::greater(), &Prediction::confidence);
  return predictions;
}

void SuccessorTable::learn(const Key& id, std::span<const Key> next) {
  Followed& followed = followed_.find_or_add(id);
  if (followed.seen >= seen_max) {
    followed.seen /= 2;
    for (Successor& successor : followed.successors) successor.seen /= 2;
  }
  followed.seen += 1;
  for (const Key& picture : next) {
    const auto known = std::ranges::find_if(followed.successors, [&](const Successor& successor) {
      return successor.seen > 0 && successor.picture == picture;
    });
    if (known != followed.successors.end()) {
      known->seen += 1;
    } else {
      *std::ranges::min_element(followed.successors, {}, &Successor::seen) = {.picture = picture, .seen = 1};
    }
    followed.latest = picture;
  }
}

// What the session itself went through says more of it than what all did: of both, the session's is taken.
void SuccessorTable::gather(const Key& id, bool own, std::vector<Candidate>& candidates) {
  const Followed* followed = followed_.find(id);
  if (followed == nullptr) return;
  for (const Successor& successor : followed->successors) {
    const double share = successor.seen / followed->seen;
    if (successor.seen < options_.sightings_min || share < options_.share_min) continue;
    const auto same = [&](const Candidate& other) { return other.successor.picture == successor.picture; };
    if (std::ranges::any_of(candidates, same)) continue;
    candidates.push_back({.followed = id,
                          .successor = successor,
                          .sort = sort_of(own, successor.seen, share, followed->latest == successor.picture)});
  }
}

double SuccessorTable::confidence_in(const Candidate& candidate, const Key& scope, const Session& session) {
  TrackRecord record = candidate.successor.record + session.record.at_most(session_weight);
  if (const Scope* known = scopes_.find(scope)) record = record + known->records[candidate.sort].at_most(sort_weight);
  return record.at_least();
}

// Trials go by an estimate of how long memory keeps things. Where a policy evicts sooner what nobody has
// asked for yet, trials come true and moves do not. Then moves are made only now and then, the more seldom
// the more often they fail, to see whether that has changed.
bool SuccessorTable::issues(double confidence, const Key& scope_key) {
  if (confidence < options_.precision_min || !issued_.has_room_for(scope_key)) return false;
  Scope& scope = scopes_.find_or_add(scope_key);
  if (scope.every == 1) return true;
  if (++scope.held < scope.every) return false;
  scope.held = 0;
  return true;
}

void SuccessorTable::settle_scope(const Key& scope_key, bool came_true) {
  Scope& scope = scopes_.find_or_add(scope_key);
  scope.issued.add(came_true, issued_weight);
  if (scope.issued.made < issued_min) return;
  if (scope.issued.mean() >= options_.precision_min) {
    scope.every = 1;
  } else {
    scope.every = came_true ? std::max(2U, scope.every / 2) : std::min(scope.every * 2, every_max);
  }
}

void SuccessorTable::score_trials(const Key& scope, std::span<const Key> pictures) {
  const double now_ms = clock_.now_ms();
  for (const Key& picture : pictures) {
    if (PendingPrediction* trial = trials_.find(place_of(scope, picture)))
      end_trial(*trial, now_ms >= trial->made_ms + move_ms_);
  }
}

void SuccessorTable::expire_trials() {
  const double now_ms = clock_.now_ms();
  while (PendingPrediction* oldest = trials_.oldest()) {
    if (now_ms < oldest->made_ms + kept_ms_) return;
    end_trial(*oldest, false);
  }
}

// What was to come next has not come for some steps.
void SuccessorTable::end_old_steps(Session& session) {
  const auto is_recent = [&](const Open& open) { return session.steps - open.step < options_.steps_max; };
  const auto recent = std::ranges::find_if(session.open, is_recent);
  for (const Open& open : std::ranges::subrange(session.open.begin(), recent)) {
    if (PendingPrediction* issued = issued_.find(open.number)) {
      score(*issued, false);
    } else if (PendingPrediction* trial = trials_.find(open.number)) {
      end_trial(*trial, false);
    }
  }
  session.open.erase(session.open.begin(), recent);
}

void SuccessorTable::end_trial(PendingPrediction& trial, bool came_true) {
  score(trial, came_true);
  trials_.erase(trial.number);
}

// Once.
void SuccessorTable::score(PendingPrediction& pending, bool came_true) {
  if (pending.scored) return;
  pending.scored = true;
  scopes_.find_or_add(pending.scope).records[pending.sort].add(came_true);
  if (Session* session = sessions_.find(pending.session)) session->record.add(came_true);
  Followed* followed = followed_.find(pending.followed);
  if (followed == nullptr) return;
  for (Successor& successor : followed->successors) {
    if (successor.seen > 0 && successor.picture == pending.picture) successor.record.add(came_true);
  }
}

void SuccessorTable::settle(std::uint64_t number, bool came_true) {
  PendingPrediction* issued = issued_.find(number);
  if (issued == nullptr) return;
  score(*issued, came_true);
  settle_scope(issued->scope, came_true);
  withdraw(number);
}

void SuccessorTable::withdraw(std::uint64_t number) { issued_.erase(number); }

void SuccessorTable::set_times(double move_ms, double kept_ms) {
  move_ms_ = move_ms;
  kept_ms_ = std::min(kept_ms, options_.wait_max_ms);
}

}  // namespace fovea
