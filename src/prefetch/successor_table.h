// SuccessorTable: which pictures a session is likely to ask for next, after those that it asked for now.
//
// It learns what followed each picture in a session, and in the sessions of the same scope together. What it
// predicts is scored. A prediction is issued only where predictions like it came true; the others are trials:
// nothing is moved for them, but they are scored as if it had been. So it costs nothing to find out that
// nothing can be predicted.
//
// It knows keys and times, and no store, thread or network: the simulator drives the same class. Nothing of
// one scope is ever told to another, or decides anything there. Bounded. Not thread-safe. Borrows the clock.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "fovea/key.h"
#include "prefetch/pending_predictions.h"
#include "prefetch/recent_map.h"
#include "prefetch/track_record.h"

namespace fovea {

struct SuccessorOptions {
  // 20 MiB in all, once it was all used.
  std::size_t pictures_max = 1 << 15;  // with what followed them: once for each session, and once for all
  std::size_t sessions_max = 1 << 12;
  std::size_t scopes_max = 1 << 8;
  std::size_t pending_max = 1 << 12;  // predictions that were not scored yet: as many trials as others
  double sightings_min = 2;           // of a successor, before it is predicted
  double share_min = 0.25;            // of all that followed
  double precision_min = 0.75;        // that an issued prediction comes true at least this often
  std::uint32_t steps_max = 3;        // of the session, until what it was predicted to ask for counts as wrong
  double wait_max_ms = 600'000;       // the same where the session does not go on
};

class SuccessorTable {
 public:
  static constexpr std::size_t successors_max = 4;  // of one picture

  struct Prediction {
    std::uint64_t number = 0;  // for settle() and withdraw()
    Key picture;
    double confidence = 0;  // that it comes true: the lower end of an interval, [0, 1]
  };
  // Whether a picture is worth a prediction: it is not in memory, and probably lies on a tier.
  using Movable = std::function<bool(const Key& picture)>;

  explicit SuccessorTable(SuccessorOptions options = {}, const Clock& clock = Clock::steady());

  // A request of `session` asked for `pictures`, in their order. The result: what to move to memory now, the
  // most likely first. REQUIRES: each is told to settle() or withdraw() some time.
  std::vector<Prediction> asked(const Key& scope, const Key& session, std::span<const Key> pictures,
                                const Movable& movable);

  // What became of a prediction that was issued. Of an unknown number nothing happens.
  void settle(std::uint64_t number, bool came_true);
  // It was not acted upon, so it says nothing.
  void withdraw(std::uint64_t number);

  // How long a move takes, and how long memory keeps what nobody asks for: trials are scored by them.
  void set_times(double move_ms, double kept_ms);

  struct Size {
    std::size_t pictures, sessions, scopes, pending;
  };
  Size size() const { return {followed_.size(), sessions_.size(), scopes_.size(), trials_.size() + issued_.size()}; }
  std::uint64_t tried() const { return tried_; }  // trials since it was made

 private:
  struct Successor {
    Key picture;
    double seen = 0;
    TrackRecord record;
  };
  // What followed a picture.
  struct Followed {
    std::array<Successor, successors_max> successors;  // those with seen = 0 are none
    double seen = 0;                                   // of all that followed, also of those that have no place
    Key latest;
  };
  static constexpr std::size_t session_pictures_max = 64;
  // A prediction that a session still has to prove.
  struct Open {
    std::uint32_t step;  // of the session, at which it was made
    std::uint64_t number;
  };
  struct Session {
    std::vector<std::uint64_t> pictures;  // of the request before, by Key::bits; session_pictures_max at most
    std::optional<Key> last;              // of those that were new then
    std::uint32_t steps = 0;              // requests that asked for a new one
    TrackRecord record;
    std::vector<Open> open;  // of the last steps, the oldest first; some may be over
  };
  static constexpr std::size_t sorts = 36;  // of predictions, by how they were made
  struct Scope {
    std::array<TrackRecord, sorts> records;
    TrackRecord issued;       // as it turned out
    std::uint32_t every = 1;  // while that is not good enough, one prediction in so many is issued all the same
    std::uint32_t held = 0;   // since the last such one
  };
  struct Candidate {
    Key followed;
    Successor successor;
    std::size_t sort = 0;
  };

  void learn(const Key& followed, std::span<const Key> next);
  void gather(const Key& followed, bool own, std::vector<Candidate>& candidates);
  double confidence_in(const Candidate& candidate, const Key& scope, const Session& session);
  bool issues(double confidence, const Key& scope);
  void settle_scope(const Key& scope, bool came_true);
  void score_trials(const Key& scope, std::span<const Key> pictures);
  void expire_trials();
  void end_old_steps(Session& session);
  void end_trial(PendingPrediction& trial, bool came_true);
  void score(PendingPrediction& pending, bool came_true);

  const SuccessorOptions options_;
  const Clock& clock_;
  double move_ms_ = 0;
  double kept_ms_;
  RecentMap<Followed> followed_;  // by scope, session (or none) and picture
  RecentMap<Session> sessions_;   // by scope and session
  RecentMap<Scope> scopes_;
  PendingPredictions trials_;
  PendingPredictions issued_;
  std::uint64_t numbers_ = 0;
  std::uint64_t tried_ = 0;
};

}  // namespace fovea
