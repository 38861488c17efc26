// The paper's model of what a two-level cache makes of latency, and the numbers it prints, to stand beside ours.
//
// "Attention-Aware Multi-Level Caching for Efficient Multimodal Vision-Language Inference": equations 1 and 2, tables I
// to III. Plain values; pure functions.
#pragma once

namespace fovea {

// What the equations take: milliseconds and hit rates. REQUIRES everywhere: rates of 0 to 1.
struct PaperTerms {
  double hit_ms = 0;          // L_hit: a stored answer
  double generate_ms = 0;     // L_gen: an answer from stored embeddings
  double full_ms = 0;         // L_full: everything computed
  double embedding_hits = 0;  // h_v: of all requests, those whose embeddings are there
  double response_hits = 0;   // h_o: of all requests, those whose answer is there
};

// Equation 1, both levels: h_v * (h_o * L_hit + (1 - h_o) * L_gen) + (1 - h_v) * L_full. It takes h_o as a share of the
// requests whose embeddings are there, though it was measured as a share of all.
double two_level_ms(const PaperTerms& terms);

// Equation 2, the response level alone: h_o * L_hit + (1 - h_o) * L_full.
double response_level_ms(const PaperTerms& terms);

// What equation 1 should be where a stored answer implies a stored embedding, as it does when nothing is evicted: of
// all requests, h_o hit the answer, h_v - h_o the embedding alone, 1 - h_v nothing.
// REQUIRES: response_hits <= embedding_hits.
double joint_two_level_ms(const PaperTerms& terms);

// The speed-up that no cold run of the paper's two levels can exceed, where hits cost nothing at all: 1 / (1 - h_v).
// REQUIRES: embedding_hits < 1, as in every cold run: its first request finds nothing.
double ceiling_speedup(const PaperTerms& terms);

// The paper's own values. What it prints for both levels is not what its equation 1 makes of them (527 ms, 5.2 times).
inline constexpr PaperTerms paper_terms{
    .hit_ms = 0, .generate_ms = 400, .full_ms = 2733, .embedding_hits = 0.867, .response_hits = 0.528};
inline constexpr double paper_baseline_ms = 2733, paper_baseline_half_width_ms = 11;
inline constexpr double paper_response_level_ms = 1291, paper_response_level_speedup = 2.12;
inline constexpr double paper_two_level_printed_ms = 368, paper_two_level_printed_speedup = 7.4;
inline constexpr double paper_lookup_us = 0.85;

}  // namespace fovea
