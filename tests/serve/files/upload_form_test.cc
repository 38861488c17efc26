#include "serve/files/upload_form.h"

#include <gtest/gtest.h>

#include "serve/fake_exchange.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::outcome;

Parsed<Upload> uploaded(std::vector<FormField> fields, std::uint64_t bytes_max = 100) {
  test::FakeExchange exchange("/v1/files");
  exchange.fields = std::move(fields);
  return read_upload(exchange, bytes_max);
}

const FormField file{"file", "cat.png", "bytes"};

TEST(UploadForm, HasAFileAndAPurpose) {
  const auto upload = uploaded({{"purpose", "", "vision"}, file});
  ASSERT_TRUE(upload);
  EXPECT_EQ(upload->name, "cat.png");
  EXPECT_EQ(upload->bytes.text(), "bytes");
  EXPECT_EQ(upload->terms.purpose, FilePurpose::vision);
  EXPECT_FALSE(upload->terms.ttl_s);
  EXPECT_EQ(uploaded({{"purpose", "", "user_data"}, file})->terms.purpose, FilePurpose::user_data);
  EXPECT_EQ(uploaded({file})->terms.purpose, FilePurpose::user_data) << "Anthropic's clients send none";
}

TEST(UploadForm, MaySayWhenTheFileGoes) {
  const FormField anchor{"expires_after[anchor]", "", "created_at"};
  EXPECT_EQ(uploaded({anchor, {"expires_after[seconds]", "", "3600"}, file})->terms.ttl_s, 3600);
  for (const std::string_view seconds : {"", "0", "-1", "1h", "1e3", "2592001", "99999999999"}) {
    EXPECT_EQ(outcome(uploaded({anchor, {"expires_after[seconds]", "", seconds}, file})), "invalid_value expires_after")
        << seconds;
  }
  EXPECT_EQ(outcome(uploaded({anchor, file})), "invalid_value expires_after");
  EXPECT_EQ(outcome(uploaded({{"expires_after[seconds]", "", "3600"}, file})), "invalid_value expires_after");
  EXPECT_EQ(outcome(uploaded({{"expires_after", "", "{}"}, file})), "invalid_value expires_after");
}

TEST(UploadForm, RefusesWhatCannotBeKept) {
  EXPECT_EQ(outcome(uploaded({{"purpose", "", "vision"}})), "missing_required_parameter file");
  EXPECT_EQ(outcome(uploaded({{"purpose", "", "fine-tune"}, file})), "invalid_value purpose");
  EXPECT_EQ(outcome(uploaded({{"purpose", "", ""}, file})), "invalid_value purpose");
  EXPECT_EQ(outcome(uploaded({file}, 4)), "too_large file");
}

}  // namespace
}  // namespace fovea::serve
