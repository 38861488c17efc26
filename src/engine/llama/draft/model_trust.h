// ModelTrust: how far one answer relies on the draft model: how likely the tokens are that it would be asked
// for, and whether reading the conversation with it pays.
//
// Each answer has its own, for the reason that AcceptanceRates gives. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <vector>

namespace fovea::llama {

class ModelTrust {
 public:
  // For each of the next `tokens` tokens, the odds that the model proposes it and all before it, and that
  // they are right.
  std::vector<double> odds(std::size_t tokens) const;
  // How many tokens to ask for at most: one more than were right so far, so that a model that is never right
  // costs little.
  std::size_t asked_max() const { return 1 + right_in_all_; }

  // A token was asked for behind right ones: `right` if it was proposed, and is the answer's.
  void record(bool right);
  // A step without the model. What was seen counts less, so that the model is tried again.
  void pass_over();

  // What the model would have saved the answer so far, had it read the conversation, ms.
  double missed_ms() const { return missed_ms_; }
  void miss(double ms) { missed_ms_ += ms; }
  void read_all() { missed_ms_ = 0; }

 private:
  double rate() const;

  double asked_ = 0, right_ = 0;  // of late
  std::size_t right_in_all_ = 0;
  double missed_ms_ = 0;
};

}  // namespace fovea::llama
