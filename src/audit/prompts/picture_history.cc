#include "audit/prompts/picture_history.h"

#include "trace/mixed_bits.h"

namespace fovea {

namespace {

// Each kind of fact has hashes of its own.
enum Fact : std::uint64_t { file = 1, client_of, url_path };

std::uint64_t fact(Fact kind, std::uint64_t scope, std::uint64_t what) {
  return mixed_bits(what ^ mixed_bits(scope ^ mixed_bits(kind)));
}

}  // namespace

bool PictureHistory::is_new(std::uint64_t hash) {
  constexpr std::size_t facts_max = std::size_t{3} * pictures_max;
  if (facts_.size() < facts_max) return facts_.insert(hash).second;
  return !facts_.contains(hash);
}

PictureVerdict PictureHistory::see(const AuditedPicture& picture, std::uint64_t identity, std::uint64_t url,
                                   std::uint64_t scope, std::uint32_t client) {
  PictureVerdict verdict;
  const std::uint64_t key = mixed_bits(identity ^ mixed_bits(scope));
  const auto detail = static_cast<std::uint8_t>(1U << static_cast<unsigned>(picture.detail));
  const auto found = pictures_.find(key);
  verdict.again = found != pictures_.end();
  if (verdict.again) {
    verdict.number = found->second.number;
    verdict.other_detail = (found->second.details & detail) == 0;
    found->second.details |= detail;
  } else if (size() < pictures_max) {
    verdict.number = size();
    pictures_.emplace(key, Seen{verdict.number, detail});
  }
  verdict.same_file = !is_new(fact(file, scope, picture.source_hash)) && verdict.again;
  verdict.client_had_it = !is_new(fact(client_of, key, client)) && verdict.again;
  if (picture.by_url && url != picture.source_hash)
    verdict.other_query = !is_new(fact(url_path, scope, url)) && !verdict.again;
  if (verdict.again || !picture.look) return verdict;
  const LookIndex::Look look{*picture.look, picture.width, picture.height};
  if (const auto near = looks_.find(look))
    verdict.copy = near->width == look.width && near->height == look.height ? Copy::recompressed : Copy::resized;
  looks_.add(look);
  return verdict;
}

}  // namespace fovea
