#include "serve/http/message/multipart.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

constexpr const char* type = "multipart/form-data; boundary=b";

std::string part(const std::string& disposition, const std::string& bytes) {
  return "--b\r\nContent-Disposition: " + disposition + "\r\n\r\n" + bytes + "\r\n";
}

TEST(Multipart, HasFieldsAndFiles) {
  const std::string body =
      part("form-data; name=\"purpose\"", "vision") +
      part("form-data; name=\"file\"; filename=\"a b.png\"", std::string("\x89PNG\r\n\0\r\n--", 12)) + "--b--\r\n";
  const auto fields = read_multipart(type, body);
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].name, "purpose");
  EXPECT_EQ(fields[0].file_name, "");
  EXPECT_EQ(fields[0].bytes, "vision");
  EXPECT_EQ(fields[1].name, "file");
  EXPECT_EQ(fields[1].file_name, "a b.png");
  EXPECT_EQ(fields[1].bytes, std::string_view("\x89PNG\r\n\0\r\n--", 12)) << "bytes that look like a boundary's begin";
}

TEST(Multipart, ReadsHeadersAsClientsWriteThem) {
  const std::string body =
      "a preamble\r\n--b \t\r\nX-Other: 1\r\ncontent-disposition:form-data ; filename=plain.png;name=file\r\n"
      "Content-Type: image/png\r\n\r\n\r\n--b--";
  const auto fields = read_multipart("Multipart/Form-Data; charset=utf-8; BOUNDARY=\"b\"", body);
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].name, "file");
  EXPECT_EQ(fields[0].file_name, "plain.png");
  EXPECT_EQ(fields[0].bytes, "");
}

TEST(Multipart, ReadsQuotesInNames) {
  const std::string body = part(R"(form-data; name="file"; filename="a\"b%22c\d;e.png")", "x") + "--b--";
  const auto fields = read_multipart(type, body);
  ASSERT_EQ(fields.size(), 1U);
  EXPECT_EQ(fields[0].file_name, "a\"b\"c\\d;e.png");
}

TEST(Multipart, WhatIsNoFormHasNoFields) {
  const std::string good = part("form-data; name=\"a\"", "x");
  EXPECT_EQ(read_multipart(type, good + "--b--").size(), 1U);
  for (const std::string& body : {good, good + "--b", std::string(), std::string("--b--"), std::string("--b"),
                                  "--c\r\n" + good.substr(5) + "--c--", part("attachment; name=\"a\"", "x") + "--b--",
                                  part("form-data", "x") + "--b--", std::string("--b\r\nno colon\r\n\r\nx\r\n--b--"),
                                  part("form-data; name=\"a", "x") + "--b--", "x" + good + "--b--"})
    EXPECT_TRUE(read_multipart(type, body).empty()) << body;
  for (const char* other :
       {"", "application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=b"})
    EXPECT_TRUE(read_multipart(other, good + "--b--").empty()) << other;
}

TEST(Multipart, HasABoundedNumberOfFields) {
  std::string body;
  for (std::size_t i = 0; i < form_fields_max; ++i) body += part("form-data; name=\"a\"", "x");
  EXPECT_EQ(read_multipart(type, body + "--b--").size(), form_fields_max);
  EXPECT_TRUE(read_multipart(type, body + part("form-data; name=\"a\"", "x") + "--b--").empty());
}

}  // namespace
}  // namespace fovea::serve
