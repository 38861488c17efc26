#include "serve/files/file_page.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "serve/fake_exchange.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::outcome;
using Query = std::map<std::string, std::string, std::less<>>;

Parsed<FilePage> page(const Query& query) {
  test::FakeExchange exchange("/v1/files");
  exchange.parameters = query;
  std::vector<StoredFile> newest_first(3);
  for (std::size_t i = 0; i < 3; ++i) newest_first[i].id = std::string(1, static_cast<char>('c' - i));
  return page_of(std::move(newest_first), exchange);
}

// The ids of a page, in their order, and "+" where there are more.
std::string ids(const Query& query) {
  const auto found = page(query);
  if (!found) return outcome(found);
  std::string all;
  for (const StoredFile& file : found->files) all += file.id;
  return all + (found->has_more ? "+" : "");
}

TEST(FilePage, IsAllOfTheListTheNewestFirst) {
  EXPECT_EQ(ids({}), "cba");
  EXPECT_EQ(ids({{"order", "desc"}}), "cba");
  EXPECT_EQ(ids({{"order", "asc"}}), "abc");
}

TEST(FilePage, HasAnEndAndABeginning) {
  EXPECT_EQ(ids({{"limit", "2"}}), "cb+");
  EXPECT_EQ(ids({{"limit", "3"}}), "cba");
  EXPECT_EQ(ids({{"limit", "2"}, {"after", "b"}}), "a");
  EXPECT_EQ(ids({{"after", "b"}, {"order", "asc"}}), "c");
  EXPECT_EQ(ids({{"after", "a"}}), "");
  EXPECT_EQ(ids({{"after", "x"}}), "");
  EXPECT_EQ(ids({{"after_id", "b"}}), "a") << "Anthropic's";
}

TEST(FilePage, IsOfOnePurpose) {
  EXPECT_EQ(ids({{"purpose", "vision"}}), "cba");
  EXPECT_EQ(ids({{"purpose", "user_data"}}), "");
  EXPECT_EQ(ids({{"before_id", "b"}}), "invalid_value before_id");
}

TEST(FilePage, RefusesWhatIsNoLimitOrOrder) {
  for (const char* limit : {"0", "-1", "10001", "1.5", "many", "99999999999999999999"})
    EXPECT_EQ(ids({{"limit", limit}}), "invalid_value limit") << limit;
  EXPECT_EQ(ids({{"order", "random"}}), "invalid_value order");
}

}  // namespace
}  // namespace fovea::serve
