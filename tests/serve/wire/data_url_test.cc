#include "serve/wire/data_url.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

constexpr std::uint64_t plenty = 1 << 20;

// The bytes, or the fault's name.
std::string decoded(const std::string& url, std::uint64_t bytes_max = plenty) {
  const auto blob = decode_data_url(url, bytes_max);
  return blob ? std::string(blob->text()) : "fault: " + std::string(to_string(blob.error().fault));
}

TEST(DataUrl, HoldsBytesWhateverItSaysOfTheirType) {
  EXPECT_EQ(decoded("data:image/png;base64,QUJD"), "ABC");
  EXPECT_EQ(decoded("data:image/jpeg;name=a.jpg;base64,QUJD"), "ABC");
  EXPECT_EQ(decoded("data:;base64,QUJD"), "ABC");
  EXPECT_EQ(decoded("data:text/html;base64,QUJD"), "ABC");
}

TEST(DataUrl, TakesBase64AsItIsWritten) {
  EXPECT_EQ(decoded("data:;base64,QUJDRA=="), "ABCD");
  EXPECT_EQ(decoded("data:;base64,QUJDRA"), "ABCD") << "without padding";
  EXPECT_EQ(decoded("data:;base64,QU JD\r\nRE\tU="), "ABCDE") << "with white space";
  EXPECT_EQ(decoded("data:;base64,+/8="), "\xfb\xff");
}

TEST(DataUrl, KeepsEveryByte) { EXPECT_EQ(decoded("data:;base64,AAECAA=="), std::string("\0\1\2\0", 4)); }

TEST(DataUrl, RefusesWhatIsNotBase64) {
  for (const char* url : {"data:image/png,ABC", "data:image/png;base64", "data:", "data:base64,QUJD",
                          "data:;base64,QUJ!", "data:;base64,Q", "data:;base64,QUJDR", "data:;base64,QUJD=RA",
                          "data:;base64,QUJDRA==QUJD", "data:;base64,-_8=", "data:;base64,QU\xc3\xa9"})
    EXPECT_EQ(decoded(url), "fault: invalid") << url;
}

TEST(DataUrl, RefusesNothingAtAll) {
  for (const char* url : {"data:;base64,", "data:;base64, \n ", "data:;base64,=", "data:;base64,=="})
    EXPECT_EQ(decoded(url), "fault: invalid") << url;
}

TEST(DataUrl, SaysWhereItIsBroken) {
  EXPECT_NE(decode_data_url("data:;base64,QUJDQU!D", plenty).error().message.find("character 6"), std::string::npos);
}

TEST(DataUrl, IsWrittenAsItIsRead) {
  EXPECT_EQ(encode_data_url("image/png", Blob::copy_of("ABCD")), "data:image/png;base64,QUJDRA==");
  EXPECT_EQ(decoded(encode_data_url("image/png", Blob::copy_of("any bytes"))), "any bytes");
}

TEST(DataUrl, HasALargestSize) {
  EXPECT_EQ(decoded("data:;base64,QUJDRA==", 4), "ABCD");
  EXPECT_EQ(decoded("data:;base64,QUJDRA", 4), "ABCD");
  EXPECT_EQ(decoded("data:;base64,QUJDRA==", 3), "fault: too_large");
  EXPECT_EQ(decoded("data:;base64,QUJDREVGR0hJSktM", 3), "fault: too_large");
}

}  // namespace
}  // namespace fovea::serve
