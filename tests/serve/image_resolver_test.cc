#include "serve/image_resolver.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::outcome;

constexpr std::string_view where = "messages[0].content[1].image_url.url";

Parsed<std::vector<ImageSource>> sources(std::vector<ImageReference> asked, FileStore& files,
                                         ImageFetch* fetch = nullptr) {
  return ImageResolver(files, fetch).sources(asked, {.name = "alice"}, {});
}

std::string refusal_of_url(const std::string& url, ImageFetch* fetch) {
  FileStore files({});
  return outcome(sources({{ImageUrl{url}, std::string(where)}}, files, fetch));
}

TEST(ImageResolver, GiveTheirBytesInOrder) {
  FileStore files({});
  const std::string id = files.add("alice", "a.png", Blob::copy_of("uploaded"))->id;
  const auto found = sources({{Blob::copy_of("sent"), "first"}, {ImageFileId{id}, "second"}, {Blob(), "third"}}, files);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3U);
  EXPECT_EQ((*found)[0].bytes.text(), "sent");
  EXPECT_EQ((*found)[0].name, "first");
  EXPECT_EQ((*found)[1].bytes.text(), "uploaded");
  EXPECT_EQ((*found)[1].name, "second");
  EXPECT_TRUE((*found)[2].bytes.empty());
}

TEST(ImageResolver, AreNobodyElsesFiles) {
  FileStore files({});
  const std::string id = files.add("bob", "b.png", Blob::copy_of("secret"))->id;
  for (const std::string& asked : {id, std::string("file-unknown")}) {
    const auto found = sources({{ImageFileId{asked}, "file"}}, files);
    EXPECT_EQ(outcome(found), "file_not_found file");
    EXPECT_EQ(found.error().status, 404);
  }
}

TEST(ImageResolver, AreNotFetchedWhereTheOperatorAllowsNoAddress) {
  EXPECT_EQ(refusal_of_url("https://example.com/a.png", nullptr), "image_url_not_allowed " + std::string(where));
}

TEST(ImageResolver, AreFetchedFromAllowedHostsOnly) {
  ImageFetch fetch({.hosts = {"pictures.example"}});
  EXPECT_EQ(refusal_of_url("https://other.example/a.png", &fetch), "invalid_value " + std::string(where));
}

TEST(ImageResolver, AreNotFetchedFromPrivateAddresses) {
  ImageFetch fetch({.hosts = {"*"}});
  EXPECT_EQ(refusal_of_url("http://127.0.0.1:9/a.png", &fetch), "invalid_value " + std::string(where));
}

TEST(ImageResolver, StopAtTheFirstThatIsMissing) {
  FileStore files({});
  EXPECT_EQ(outcome(sources({{ImageFileId{"file-1"}, "first"}, {ImageFileId{"file-2"}, "second"}}, files)),
            "file_not_found first");
}

}  // namespace
}  // namespace fovea::serve
