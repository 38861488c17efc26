#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "audit/log/log_entries.h"

namespace fovea {
namespace {

struct Items {
  std::vector<std::string> texts;
  std::string fault;  // empty if the list ended as it should
};

Items items_of(std::string text, JsonItems::List list) {
  TraceSource source = TraceSource::of(std::move(text), "x.har");
  JsonItems entries(source, list);
  Items items;
  for (;;) {
    const auto entry = entries.next();
    if (!entry) {
      items.fault = entry.error().message;
      return items;
    }
    if (!*entry) return items;
    items.texts.emplace_back((*entry)->text);
  }
}

using Texts = std::vector<std::string>;

TEST(JsonItems, AreTheElementsOfADocument) {
  const auto list = JsonItems::List::document;
  EXPECT_EQ(items_of(R"( [ {"a":1},{"b":[2,3]}, {"c":"]},{\""} ] )", list).texts,
            (Texts{R"({"a":1})", R"({"b":[2,3]})", R"({"c":"]},{\""} )"}));
  EXPECT_EQ(items_of("[1,2]", list).texts, (Texts{"1", "2"}));
  EXPECT_TRUE(items_of("[]", list).texts.empty());
  EXPECT_TRUE(items_of("{}", list).texts.empty());
}

TEST(JsonItems, AreTheEntriesOfAHarFile) {
  const auto list = JsonItems::List::entries;
  const std::string har = R"({"log": {"version": "1.2", "pages": [{"entries": [9]}], "comment": "entries",
                              "entries": [ {"x": 1}, {"y": {"entries": [2]}} ], "more": [3]}})";
  EXPECT_EQ(items_of(har, list).texts, (Texts{R"({"x": 1})", R"({"y": {"entries": [2]}} )"}));
  EXPECT_TRUE(items_of(R"({"log": {"pages": []}})", list).texts.empty());
}

TEST(JsonItems, SayThatTheDocumentBreaksOff) {
  const Items cut = items_of(R"([{"a":1},{"b":)", JsonItems::List::document);
  EXPECT_EQ(cut.texts, (Texts{R"({"a":1})"}));
  EXPECT_EQ(cut.fault, "x.har: entry 2: the document breaks off");
  EXPECT_EQ(items_of("[1,", JsonItems::List::document).fault, "x.har: entry 1: the document breaks off");
}

}  // namespace
}  // namespace fovea
