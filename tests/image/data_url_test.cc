#include "image/data_url.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
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

TEST(DataUrl, IsReadInAnyCase) {
  EXPECT_TRUE(is_data_url("data:,"));
  EXPECT_TRUE(is_data_url("DATA:image/png;base64,QUJD"));
  EXPECT_TRUE(is_data_url(" \n Data:,"));
  for (const char* url : {"", "dat", "http://data:80/", "xdata:,"}) EXPECT_FALSE(is_data_url(url)) << url;
  EXPECT_EQ(decoded("DATA:IMAGE/PNG;BASE64,QUJD"), "ABC");
  EXPECT_EQ(decoded("\n data:image/png; Base64 ,QUJD\n"), "ABC");
}

TEST(DataUrl, HasParametersInAnyOrder) {
  EXPECT_EQ(decoded("data:image/png;charset=utf-8;name=a%20b.png;base64,QUJD"), "ABC");
  EXPECT_EQ(decoded("data:image/png;base64;charset=utf-8,QUJD"), "ABC");
  EXPECT_EQ(decoded("data:image/png;name=\"a,b.png\";base64,QUJD"), "ABC");
  EXPECT_EQ(decoded("data:base64,QUJD"), "ABC") << "without a media type and its semicolon";
}

TEST(DataUrl, TakesBothAlphabets) {
  EXPECT_EQ(decoded("data:;base64,-_8="), "\xfb\xff");
  EXPECT_EQ(decoded("data:;base64,+_8"), "\xfb\xff") << "mixed";
}

TEST(DataUrl, TakesPercentEncodedBase64) {
  EXPECT_EQ(decoded("data:;base64,%2B%2f8%3D"), "\xfb\xff");
  EXPECT_EQ(decoded("data:;base64,QUJD%0D%0AREU%3d"), "ABCDE");
  EXPECT_EQ(decoded("data:;base64,QUJDRA%3D%3D", 4), "ABCD");
}

TEST(DataUrl, TakesAnyPadding) {
  for (const char* url : {"data:;base64,QUJDRA=", "data:;base64,QUJDRA===", "data:;base64,QUJDRA= =\n"})
    EXPECT_EQ(decoded(url), "ABCD") << url;
}

TEST(DataUrl, IsTextWhereItDoesNotSayBase64) {
  EXPECT_EQ(decoded("data:,A%20brief%20note"), "A brief note");
  EXPECT_EQ(decoded("data:image/png,%89PNG%0d%0A%1a%0A"), "\x89PNG\r\n\x1A\n");
  EXPECT_EQ(decoded("data:text/plain,100%,%4,%zz"), "100%,%4,%zz") << "a percent sign that encodes nothing";
  EXPECT_EQ(decoded("data:,abcd", 3), "fault: too_large");
}

TEST(DataUrl, RefusesWhatIsNoDataUrl) {
  for (const char* url : {"data:", "data:image/png;base64", "data", ""})
    EXPECT_EQ(decoded(url), "fault: invalid") << url;
}

TEST(DataUrl, RefusesWhatIsNotBase64) {
  for (const char* url :
       {"data:;base64,QUJ!", "data:;base64,Q", "data:;base64,QUJDR", "data:;base64,QUJD=RA",
        "data:;base64,QUJDRA==QUJD", "data:;base64,QU\xc3\xa9", "data:;base64,%", "data:;base64,QUJD%"})
    EXPECT_EQ(decoded(url), "fault: invalid") << url;
}

TEST(DataUrl, ACommaFarInsideIsNotTheEndOfItsHead) {
  EXPECT_EQ(decoded("data:;base64" + std::string(1 << 20, 'A') + ",QUJD"), "fault: invalid");
}

TEST(DataUrl, NeverRepeatsItsData) {
  const std::string secret = "SECRETSECRETSECRET";
  for (const std::string& url : {"data:;base64," + secret + "!", "data:" + secret, "data:;base64" + secret})
    EXPECT_FALSE(decode_data_url(url, plenty).error().message.contains("SECRET")) << url;
}

TEST(DataUrl, RefusesNothingAtAll) {
  for (const char* url : {"data:;base64,", "data:;base64, \n ", "data:;base64,=", "data:;base64,==", "data:,"})
    EXPECT_EQ(decoded(url), "fault: invalid") << url;
}

TEST(DataUrl, SaysWhereItIsBroken) {
  EXPECT_NE(decode_data_url("data:;base64,QUJDQU!D", plenty).error().message.find("character 6"), std::string::npos);
}

TEST(DataUrl, TellsTheDataOfOneType) {
  for (const char* url :
       {"data:video/jpeg;base64,QQ,Qg", "DATA:VIDEO/JPEG;BASE64,QQ,Qg", " data: video/jpeg ;a=b; base64 ,QQ,Qg"})
    EXPECT_EQ(data_of_type(url, "video/jpeg"), "QQ,Qg") << url;
  for (const char* url :
       {"data:video/mp4;base64,QQ", "data:video/jpeg,QQ", "data:video/jpeg;base64", "https://a.b/c", ""})
    EXPECT_FALSE(data_of_type(url, "video/jpeg")) << url;
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
  EXPECT_EQ(decoded("data:;base64,QU JD\nRA", 4), "ABCD") << "white space is no bytes";
}

}  // namespace
}  // namespace fovea
