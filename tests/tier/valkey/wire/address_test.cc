#include "tier/valkey/wire/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "base/scratch_folder.h"

namespace fovea::valkey {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string why_not(std::string_view text) {
  const auto address = Address::parse(text);
  if (address) return "it is one";
  EXPECT_EQ(address.error().fault, Fault::invalid);
  return address.error().message;
}

TEST(AddressTest, IsAServerOrSeveral) {
  const auto one = Address::parse("valkey://cache.example:7000").value();
  EXPECT_FALSE(one.tls);
  EXPECT_EQ(one.user, "");
  EXPECT_THAT(one.seeds, ElementsAre(Endpoint{"cache.example", 7000}));
  const auto several = Address::parse("rediss://fovea@a,10.0.0.2:7001,[fd00::1]:7002,[::1]/").value();
  EXPECT_TRUE(several.tls);
  EXPECT_EQ(several.user, "fovea");
  EXPECT_THAT(several.seeds, ElementsAre(Endpoint{"a", 6379}, Endpoint{"10.0.0.2", 7001}, Endpoint{"fd00::1", 7002},
                                         Endpoint{"::1", 6379}));
  EXPECT_TRUE(Address::parse("valkeys://h")->tls);
  EXPECT_FALSE(Address::parse("redis://h")->tls);
  EXPECT_EQ(Address::parse("valkey://h,h:6379")->seeds.size(), 1U) << "the same one twice";
}

TEST(AddressTest, IsRefusedInClearWords) {
  for (const char* text : {"", "h", "h:6379", "http://h", "://h", "valkey:h", "VALKEY//h"})
    EXPECT_THAT(why_not(text), HasSubstr("begins with valkey://")) << text;
  for (const char* text :
       {"valkey://", "valkey://user@", "valkey://,h", "valkey://h,", "valkey://:6379", "valkey://::1"})
    EXPECT_THAT(why_not(text), HasSubstr("a server without a host")) << text;
  for (const char* text : {"valkey://h:", "valkey://h:0", "valkey://h:65536", "valkey://h:x", "valkey://h:1x",
                           "valkey://[::1]:", "valkey://h:-1"})
    EXPECT_THAT(why_not(text), HasSubstr("from 1 to 65535")) << text;
  EXPECT_THAT(why_not("valkey://[::1"), HasSubstr("lacks a ]"));
  EXPECT_THAT(why_not("valkey://[::1]6379"), HasSubstr("after ] comes a port"));
  for (const char* text : {"valkey://a b", "valkey://[h]", "valkey://h\n", "valkey://[]"})
    EXPECT_NE(why_not(text), "it is one") << text;
  for (const char* text : {"valkey://h/1", "valkey://h:1?timeout=3", "valkey://h#x", "valkey://h/0"})
    EXPECT_THAT(why_not(text), HasSubstr("ends with the port")) << text;
  EXPECT_THAT(why_not("valkey://@h"), HasSubstr("a user's name"));
  EXPECT_THAT(why_not("valkey://" + std::string(300, 'h')), HasSubstr("is no host"));
  std::string many = "valkey://h0";
  for (int i = 1; i < 40; ++i) many += ",h" + std::to_string(i);
  EXPECT_THAT(why_not(many), HasSubstr("40 servers"));
}

TEST(AddressTest, RefusesAPasswordWithoutRepeatingIt) {
  for (const char* text : {"valkey://user:secret@h", "valkey://:secret@h", "valkey://user:sec@ret@h",
                           "valkey://a:secret@b:1@h", "valkey://sec/ret:x@h"}) {
    EXPECT_THAT(why_not(text), HasSubstr("FOVEA_VALKEY_PASSWORD")) << text;
    EXPECT_THAT(why_not(text), Not(HasSubstr("sec"))) << text;
  }
  EXPECT_THAT(why_not("valkey://sec ret@h"), Not(HasSubstr("sec")));
}

TEST(PasswordTest, IsTheFirstLineOfAFileOrInTheEnvironment) {
  const ScratchFolder folder = ScratchFolder::make("fovea-password").value();
  const auto file = folder.path() / "password";
  for (const char* text : {"open sesame", "open sesame\n", "open sesame\r\nsecond line\n"}) {
    std::ofstream(file) << text;
    EXPECT_EQ(read_password(file), "open sesame");
  }
  std::ofstream(file) << "\n";
  EXPECT_THAT(read_password(file).error().message, HasSubstr(file.string()));
  EXPECT_EQ(read_password(folder.path() / "absent").error().fault, Fault::not_found);
  setenv("FOVEA_VALKEY_PASSWORD", "let me in", 1);
  EXPECT_EQ(read_password({}), "let me in");
  unsetenv("FOVEA_VALKEY_PASSWORD");
  EXPECT_EQ(read_password({}), "");
}

// Random texts of the characters that matter: an address or a sentence.
TEST(AddressTest, TakesNoHarmFromRandomTexts) {
  std::mt19937 random(20261129);
  constexpr std::string_view letters = "ab:/[]@,.19-%?\0 ";
  for (int i = 0; i < 50'000; ++i) {
    std::string text = "valkey://";
    for (auto left = random() % 24; left > 0; --left) text += letters[random() % letters.size()];
    const auto address = Address::parse(text);
    if (!address) {
      EXPECT_FALSE(address.error().message.empty());
      continue;
    }
    EXPECT_FALSE(address->seeds.empty());
    for (const Endpoint& seed : address->seeds) {
      EXPECT_TRUE(is_host(seed.host)) << text;
      EXPECT_NE(seed.port, 0) << text;
      const auto again = Address::parse("valkey://" + to_string(seed));
      ASSERT_TRUE(again) << text;
      EXPECT_THAT(again->seeds, ElementsAre(seed));
    }
  }
}

}  // namespace
}  // namespace fovea::valkey
