// RandomClient: somebody who asks at random, for as long as one likes: about pictures out of a few dozen,
// before or behind the words, with a system prompt or without, and who may go on from an answer. Used by one
// thread.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <random>
#include <string>

#include "pipeline/request.h"

namespace fovea::test {

// The same seed is the same choices.
class Chance {
 public:
  explicit Chance(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  const auto& of(const auto& things) { return things[below(std::size(things))]; }
  // Of any order of magnitude from a tenth of a millisecond to half a second.
  double ms();

 private:
  std::mt19937 random_;
};

class RandomClient {
 public:
  explicit RandomClient(unsigned seed) : chance(seed) {}

  Request next();
  // May make it the beginning of what is asked next.
  void answered(Request request, const std::string& text);

  Chance chance;

 private:
  static Request begun(Chance& by);
  static Message turn(const Request& request, Chance& by);
  static GenerateOptions options(Chance& by);

  std::optional<Request> talk_;
};

// All that the answer hangs on.
std::string described(const Request& request);

}  // namespace fovea::test
