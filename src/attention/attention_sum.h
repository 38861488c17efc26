// AttentionSum: how much attention each position of a request received from some of its tokens, summed up
// while the model computes.
//
// It is the paper's importance (IV.B): importance_j is the sum over query tokens i of A-bar[i, j], where
// A-bar is the soft-maxed attention averaged over layers and heads. No attention matrix is kept: each
// captured tensor is folded into one double a position. The unit of importance is one row of attention: a
// position that got all attention of every row has an importance of `query_rows()`. AttentionSum does not
// know kinds of tokens (token_run.h does).
//
// Holds 8 bytes a position. Not thread-safe: one request adds at a time. Keeps nothing of what is passed.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "attention/token_run.h"

namespace fovea {

// A layer's soft-maxed attention for one batch of tokens, as ggml lays it out, and which of its rows count.
struct AttentionRows {
  std::span<const float> weights;  // [heads][queries][keys], keys adjacent; each row of keys sums to 1
  std::uint32_t layer = 0;         // below layers_max
  std::uint32_t keys = 0;          // at most positions_max, padding included: a padded column holds zeros
  std::uint32_t queries = 0;
  std::uint32_t heads = 0;        // may differ from layer to layer
  std::uint32_t query_begin = 0;  // rows query_begin to query_end, the end excluded, are folded;
  std::uint32_t query_end = 0;    // none where they are equal
  // Of each column, or no_position; empty: column k is position k.
  std::span<const std::uint32_t> position_of;
};

class AttentionSum {
 public:
  // More than four times the layers of the deepest models. Only a bound; it costs nothing.
  static constexpr std::uint32_t layers_max = 1024;
  // In AttentionRows::position_of: the column is no position of this request (another sequence, a free cell).
  static constexpr std::uint32_t no_position = UINT32_MAX;

  // Reserves memory for `positions` positions. Below them add() allocates only at the first call for a layer.
  explicit AttentionSum(std::uint32_t positions = 0);

  // Adds the rows. Every layer counts alike, whatever its number of heads. A row that is not finite in some
  // head is left out in all heads of its layer, and counted. Takes 0.1 to 0.2 ns for each weight of the rows
  // that count.
  // REQUIRES: the spans have the sizes that the numbers say, and positions are below positions_max.
  void add(const AttentionRows& rows);

  // importance_j of every position that was seen, padding included: the sum over query rows of the mean over
  // heads and layers.
  std::vector<double> importance() const;

  // How many layers rows were added for.
  std::uint32_t layers() const;
  // How many query rows were added for each layer (the greatest number, if layers differ).
  std::uint64_t query_rows() const;
  // How many rows of single layers were left out because they were not finite.
  std::uint64_t unusable_rows() const { return unusable_rows_; }

 private:
  void grow_for(const AttentionRows& rows);
  void add_row(const AttentionRows& rows);

  std::vector<double> sums_;                  // by position: over rows and layers, of the mean over heads
  std::vector<float> row_;                    // one query's weights, summed over heads
  std::vector<std::uint64_t> rows_of_layer_;  // by layer
  std::uint64_t unusable_rows_ = 0;
};

}  // namespace fovea
