// DeviceSchedule: what one device computes when, on whatever clock its caller has.
//
// Work (a tile, a piece of a prompt, a state that is copied) is done one piece after another: FairShare
// chooses the next. Answers are decoded side by side, each step for all of them. Where there is work as well
// as answers, each of the two kinds gets half of the device, as LlamaEngine does it. ModelledDevice drives a
// schedule by the machine's clock. Deterministic; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/fair_share.h"
#include "engine/modelled/modelled_times.h"

namespace fovea {

class DeviceSchedule {
 public:
  using Id = std::uint64_t;  // of a piece of work, or of an answer; no two are alike

  struct Ended {
    Id id;
    double at_ms;
    double spent_ms;  // of the device: all of the work, or the answer's share of its steps
  };

  explicit DeviceSchedule(const ModelledTimes& times) : times_(times) {}

  // Brings the schedule to `now_ms`: what ended until then, in order. A time before the last one counts as
  // that.
  std::vector<Ended> advance(double now_ms);

  // Each begins at the time to which the schedule was brought last. REQUIRES: `flow` has no other work here.
  Id add_work(const Flow& flow, double ms);
  Id add_answer(std::uint32_t tokens);
  // Gives up what has not ended; how long the device spent on it, ms.
  double remove(Id id);

  // When something ends next, if nothing is added or removed.
  std::optional<double> next_end_ms() const;
  // When an answer has at most `left` tokens to come, if nothing is added, removed or ends before.
  // REQUIRES: the answer has not ended.
  double reaches_ms(Id answer, double left) const;
  // Tokens of an answer that are still to come; 0 once it has ended.
  double tokens_left(Id answer) const;

  // How many pieces of work there are, the running one included, and how many answers.
  std::size_t works() const { return works_.size(); }
  std::size_t answers() const { return answers_.size(); }

 private:
  struct Work {
    Id id;
    Flow flow;
    double ms;
    double left_ms;
  };
  struct Answer {
    Id id;
    double left_tokens;
    double spent_ms;
  };

  void choose_work();
  double speed() const;
  double token_ms() const;
  void progress(double ms);
  void take_ended(std::vector<Ended>& ended);
  std::vector<Flow> flows() const;
  std::vector<Work>::const_iterator running() const;

  const ModelledTimes times_;
  FairShare share_;
  std::vector<Work> works_;  // in order of arrival
  std::vector<Answer> answers_;
  std::optional<Id> running_;  // of the works
  Id next_id_ = 1;
  double now_ms_ = 0;
};

}  // namespace fovea
