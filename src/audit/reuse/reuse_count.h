// ReuseCount: what came again in a log: pictures, beginnings of prompts, questions; in all, and by client,
// route and model. Not thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <vector>

#include "audit/findings.h"
#include "audit/prompts/placed_request.h"
#include "audit/prompts/token_fit.h"

namespace fovea {

// Which tiles a log's pictures have. Bounded: beyond tiles_max tiles are looked for and not remembered.
class TileHistory {
 public:
  static constexpr std::size_t tiles_max = 4'000'000;

  // How many of the tiles an earlier picture of the scope had.
  std::uint32_t see(const AuditedRequest& request, const AuditedPicture& picture, std::uint64_t scope);

 private:
  boost::unordered_flat_set<std::uint64_t> tiles_;
};

class ReuseCount {
 public:
  // A shorter beginning is less than what a cache stores (PrefixLevel).
  static constexpr double shared_tokens_min = 32;

  void see(const PlacedRequest& placed);
  ReuseFindings findings(const RequestPlacer& placer, const TokenFit& fit) const;

 private:
  // Of a client, a route or a model.
  struct Sums {
    std::uint64_t requests = 0, pictures = 0, pictures_again = 0, repeats = 0;
    PromptSize prompt, known;
  };

  void see_picture(const PlacedRequest& placed, const PlacedPicture& picture);
  PromptSize see_prompt(const PlacedRequest& placed);
  static void add(std::vector<Sums>& sums, std::uint32_t number, const Sums& one);
  static std::vector<ReuseBy> by(const std::vector<Sums>& sums, const Names& names, const TokenFit& fit);

  PictureReuse pictures_;
  PrefixReuse prefixes_;
  QuestionReuse questions_;
  PromptSize prompts_, known_, known_by_messages_;
  TileHistory tiles_;
  std::vector<Sums> by_client_, by_route_, by_model_;
};

}  // namespace fovea
