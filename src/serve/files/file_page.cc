#include "serve/files/file_page.h"

#include <algorithm>
#include <charconv>
#include <format>
#include <string>

namespace fovea::serve {

namespace {

constexpr std::size_t limit_max = 10'000;  // OpenAI's

Parsed<std::size_t> limit_of(const std::string& text) {
  if (text.empty()) return limit_max;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit == 0 || limit > limit_max)
    return refuse("limit", std::format("limit must be a number from 1 to {}", limit_max));
  return limit;
}

}  // namespace

Parsed<FilePage> page_of(std::vector<StoredFile> newest_first, const Exchange& exchange) {
  const auto limit = limit_of(exchange.query("limit"));
  if (!limit) return std::unexpected(limit.error());
  const std::string order = exchange.query("order"), purpose = exchange.query("purpose");
  std::string after = exchange.query("after");
  if (after.empty()) after = exchange.query("after_id");
  if (!order.empty() && order != "asc" && order != "desc") return refuse("order", "order must be asc or desc");
  if (!exchange.query("before_id").empty()) return refuse("before_id", "before_id is not supported: use after_id");
  FilePage page{.files = std::move(newest_first)};
  if (order == "asc") std::ranges::reverse(page.files);
  if (!purpose.empty()) std::erase_if(page.files, [&](const auto& file) { return to_string(file.purpose) != purpose; });
  if (!after.empty()) {
    const auto found = std::ranges::find(page.files, after, &StoredFile::id);
    page.files.erase(page.files.begin(), found == page.files.end() ? found : found + 1);
  }
  page.has_more = page.files.size() > *limit;
  if (page.has_more) page.files.resize(*limit);
  return page;
}

}  // namespace fovea::serve
