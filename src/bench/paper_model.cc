#include "bench/paper_model.h"

#include "base/check.h"

namespace fovea {

namespace {

void check_rates(const PaperTerms& terms) {
  const auto is_share = [](double rate) { return rate >= 0 && rate <= 1; };
  check(is_share(terms.embedding_hits) && is_share(terms.response_hits), "hit rates are 0 to 1");
}

}  // namespace

double two_level_ms(const PaperTerms& terms) {
  check_rates(terms);
  const double found_ms = terms.response_hits * terms.hit_ms + (1 - terms.response_hits) * terms.generate_ms;
  return terms.embedding_hits * found_ms + (1 - terms.embedding_hits) * terms.full_ms;
}

double response_level_ms(const PaperTerms& terms) {
  check_rates(terms);
  return terms.response_hits * terms.hit_ms + (1 - terms.response_hits) * terms.full_ms;
}

double joint_two_level_ms(const PaperTerms& terms) {
  check_rates(terms);
  check(terms.response_hits <= terms.embedding_hits, "a stored answer implies a stored embedding");
  return terms.response_hits * terms.hit_ms + (terms.embedding_hits - terms.response_hits) * terms.generate_ms +
         (1 - terms.embedding_hits) * terms.full_ms;
}

double ceiling_speedup(const PaperTerms& terms) {
  check_rates(terms);
  check(terms.embedding_hits < 1, "a cold run misses embeddings");
  return 1 / (1 - terms.embedding_hits);
}

}  // namespace fovea
