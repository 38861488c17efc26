// The paper's model of the latency with a two-level cache, and the numbers it prints, to compare with ours.
//
// "Attention-Aware Multi-Level Caching for Efficient Multimodal Vision-Language Inference": equations 1 and
// 2, tables I to III. Plain values; pure functions; thread-safe.
#pragma once

namespace fovea {

// What the equations take: milliseconds and hit rates. REQUIRES everywhere: rates of 0 to 1.
struct PaperTerms {
  double hit_ms = 0;          // L_hit: a stored answer
  double generate_ms = 0;     // L_gen: an answer from stored embeddings
  double full_ms = 0;         // L_full: everything computed
  double embedding_hits = 0;  // h_v: the share of requests whose embeddings are stored
  double response_hits = 0;   // h_o: the share of requests whose answer is stored
};

// Equation 1, both levels: h_v * (h_o * L_hit + (1 - h_o) * L_gen) + (1 - h_v) * L_full. It takes h_o as a
// share of the requests whose embeddings are stored, though it was measured as a share of all.
double two_level_ms(const PaperTerms& terms);

// Equation 2, the response level alone: h_o * L_hit + (1 - h_o) * L_full.
double response_level_ms(const PaperTerms& terms);

// Equation 1 for the case that a stored answer implies a stored embedding, which is so when nothing is
// evicted: of all requests, h_o find the answer, h_v - h_o only the embedding, and 1 - h_v nothing. REQUIRES:
// response_hits <= embedding_hits.
double joint_two_level_ms(const PaperTerms& terms);

// The speed-up that no cold run of the paper's two levels can exceed, where hits cost nothing at all: 1 / (1
// - h_v). REQUIRES: embedding_hits < 1, as in every cold run: its first request finds nothing.
double ceiling_speedup(const PaperTerms& terms);

// The paper's own values. What it prints for both levels is not what its equation 1 gives for them (527 ms,
// 5.2 times).
inline constexpr PaperTerms paper_terms{
    .hit_ms = 0, .generate_ms = 400, .full_ms = 2733, .embedding_hits = 0.867, .response_hits = 0.528};
inline constexpr double paper_baseline_ms = 2733, paper_baseline_half_width_ms = 11;
inline constexpr double paper_response_level_ms = 1291, paper_response_level_speedup = 2.12;
inline constexpr double paper_two_level_printed_ms = 368, paper_two_level_printed_speedup = 7.4;
inline constexpr double paper_lookup_us = 0.85;

}  // namespace fovea
