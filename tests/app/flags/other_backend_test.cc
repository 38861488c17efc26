#include "app/flags/other_backend.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <string>

#include "app/flags/serve_flags.h"

namespace fovea::app {
namespace {

class OtherBackendTest : public testing::Test {
 protected:
  OtherBackendTest() { add_serve_flags(verb_, flags_); }
  void parse(const std::string& line) { verb_.parse(line); }

  CLI::App verb_;
  ServeFlags flags_;
};

TEST_F(OtherBackendTest, FlagsOfAModelAreRefusedBesideAnUpstream) {
  for (const char* line :
       {"-m a.gguf --mmproj b.gguf", "--drafts on", "--draft-max 4", "--kernels ggml", "--threads 1", "--parallel 1",
        "--attention", "--profile x.json", "--frames tolerance", "--frames-memory 1"}) {
    parse(std::string("--upstream http://x/v1 ") + line);
    const auto checked = check_upstream(verb_);
    ASSERT_FALSE(checked) << line;
    EXPECT_EQ(checked.error().fault, Fault::invalid);
    EXPECT_TRUE(checked.error().message.contains(" and with --upstream another server answers")) << line;
    parse(line);
    EXPECT_TRUE(check_upstream(verb_)) << line;
  }
  EXPECT_THROW(parse("--upstream-key-env KEY"), CLI::ParseError);
  EXPECT_THROW(parse("--route-header x-route-key"), CLI::ParseError);
}

TEST_F(OtherBackendTest, FlagsOfAModelAreRefusedBesideModelledTimes) {
  for (const char* line : {"-m a.gguf --mmproj b.gguf", "--threads 1", "--ctx-size 512", "--attention",
                           "--profile y.json", "--frames tolerance"}) {
    parse(std::string("--modelled x.json ") + line);
    const auto checked = check_modelled(verb_);
    ASSERT_FALSE(checked) << line;
    EXPECT_TRUE(checked.error().message.contains("with --modelled none does")) << line;
    parse(line);
    EXPECT_TRUE(check_modelled(verb_)) << line;
  }
  parse("--modelled x.json --parallel 2 --embedding-cache 1GiB --image-order first --attention=false");
  EXPECT_TRUE(check_modelled(verb_));
  parse("--modelled x.json --upstream http://x/v1");
  EXPECT_FALSE(check_upstream(verb_)) << "nothing is modelled where another server answers";
}

TEST_F(OtherBackendTest, OtherFlagsGoWithAnUpstream) {
  parse("--upstream http://x/v1 --max-requests 7 --attention=false --response-cache 1GiB");
  EXPECT_TRUE(check_upstream(verb_));
}

}  // namespace
}  // namespace fovea::app
