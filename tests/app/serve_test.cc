// What `fovea serve` does without serving. How it serves is tested in tests/serve.
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "app/program.h"

namespace fovea {
namespace {

using Serve = Program;

TEST_F(Serve, PrintsTheHashOfAKey) {
  const Ran ran = run("serve --hash-key", file("key", "secret"));
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.out.size(), 65U) << "64 digits and a line break";
  EXPECT_EQ(run("serve --hash-key", file("key", "secret\n")).out, ran.out) << "the line break is not of the key";
  EXPECT_EQ(run("serve --hash-key").exit_code, 2);
}

TEST_F(Serve, PrintsItsSettings) {
  const Ran ran = run("serve --max-requests 7 --print-config");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(ran.out.contains("max-requests=7\n"));
  EXPECT_FALSE(ran.out.contains("hash-key"));
}

// Each line names no flag that may not go with another one of it; together they name all of them.
TEST_F(Serve, ReadsWhatItPrints) {
  const std::string model = file("a \"model\".gguf", ""), key = file("fleet key", std::string(64, 'a'));
  const std::vector<std::string> lines = {
      "",
      "-m '" + model + "' --mmproj '" + model +
          "' --threads 1 --ctx-size 512 --gpu-layers -1 --kernels ggml "
          "--drafts auto --draft x --draft-max 8 --allow-control-tokens --parallel 2 --attention --profile x "
          "--embedding-cache 1 "
          "--image-order first --prefetch off --prefix-cache 0 --response-cache 1GiB "
          "--frames tolerance --frames-exact-every 9 --frames-memory 1MiB",
      "--modelled 'a profile.json' --parallel 3",
      "--upstream http://[::1]:9/v1?a=b#c --upstream-key-env KEY --route-header X-Route-Key --host ::1 --port 0 --keys "
      "'C:\\keys' --tls-cert x "
      "--tls-key y --insecure "
      "--cors-origins https://a.example,http://b.example:9 --image-hosts '*' --alias \"it's [a, \\\"name\\\"]\" "
      "--max-requests 7 --timeout 0.5 --grace 0 --max-body 1 --body-memory 2 --max-picture 3 --video-frames 4 "
      "--files-size 5 --files-ttl 6 --store-responses --responses-size 7 --responses-ttl 8 --temperature 0.1 "
      "--max-tokens 9 --cache-size 1GiB --policy lru --shared valkey://a:1,b:2 --fleet-key-file '" +
          key +
          "' --shared-password-file x --shared-ca-file x --encrypt-tiers --disk-cache '#x' --disk-size 1 --log x "
          "--audit 'traffic/' --audit-size 2GiB --log-format json --log-level error"};
  std::string printed;
  for (const std::string& line : lines) {
    const Ran first = run("serve " + line + " --print-config");
    ASSERT_EQ(first.exit_code, 0) << first.err;
    const Ran second = run("serve --print-config --config '" + file("printed.toml", first.out) + "'");
    EXPECT_EQ(second.exit_code, 0) << second.err;
    EXPECT_EQ(second.out, first.out);
    printed += "\n" + first.out;
  }
  const std::regex unset("\n#([a-z-]+)=");
  for (std::sregex_iterator at(printed.begin(), printed.end(), unset), end; at != end; ++at)
    EXPECT_TRUE(printed.contains("\n" + (*at)[1].str() + "=")) << (*at)[1] << " is in no line of this test";
}

TEST_F(Serve, AWrongVariableIsWrongUsageAndNamed) {
  for (const auto& [variable, value] : {std::pair{"FOVEA_KERNELS", "fast"},
                                        {"FOVEA_PORT", "many"},
                                        {"FOVEA_MAX_BODY", "big"},
                                        {"FOVEA_ATTENTION", "maybe"},
                                        {"FOVEA_PREFETCH", "maybe"},
                                        {"FOVEA_POLICY", "nosuch"}}) {
    ::setenv(variable, value, 1);
    const Ran ran = run("serve --host 192.0.2.1 --insecure --upstream http://127.0.0.1:9/v1");
    ::unsetenv(variable);
    EXPECT_EQ(ran.exit_code, 2) << variable;
    EXPECT_TRUE(ran.err.contains(value) && ran.err.contains(std::string("environment: ") + variable)) << ran.err;
  }
}

TEST_F(Serve, AFlagIsNotForAnUpstream) {
  for (const std::string flag : {"drafts on", "embedding-cache 1GiB", "image-order first"}) {
    const Ran ran = run("serve --upstream http://127.0.0.1:9/v1 --" + flag);
    EXPECT_EQ(ran.exit_code, 2) << flag;
    const std::string name = flag.substr(0, flag.find(' '));
    EXPECT_TRUE(ran.err.starts_with("fovea: --" + name + " is for a model that is run here")) << ran.err;
  }
}

TEST_F(Serve, ReadsASettingsFile) {
  const std::string settings = file("fovea.toml", "max-requests = 7\nport = 9\n");
  const std::string out = run("serve --config '" + settings + "' --port 10 --print-config").out;
  EXPECT_TRUE(out.contains("max-requests=7\n"));
  EXPECT_TRUE(out.contains("port=10\n")) << "a flag counts before the file";
  ::setenv("FOVEA_MAX_REQUESTS", "8", 1);
  const std::string besides = run("serve --config '" + settings + "' --print-config").out;
  ::unsetenv("FOVEA_MAX_REQUESTS");
  EXPECT_TRUE(besides.contains("max-requests=8\n")) << "the environment counts before the file";
  EXPECT_TRUE(besides.contains("\nport=9\n"));
}

TEST_F(Serve, WrongSettingsAreWrongUsage) {
  const Ran others = run("serve --host 0.0.0.0");
  EXPECT_EQ(others.exit_code, 2);
  EXPECT_TRUE(others.err.starts_with("fovea: --host 0.0.0.0: "));
  EXPECT_EQ(run("serve --max-body big").exit_code, 2);
  EXPECT_EQ(run("serve --upstream http://127.0.0.1:9/v1 --upstream-key-env FOVEA_NO_SUCH_VARIABLE").exit_code, 2);
}

TEST_F(Serve, AnAddressThatCannotBeListenedOnIsAFailure) {
  const Ran ran = run("serve --host 192.0.2.1 --insecure --upstream http://127.0.0.1:9/v1");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.err.contains("192.0.2.1:8080 cannot be listened on"));
}

TEST_F(Serve, ItsLogSaysWhichKernelsCompute) {
  const Ran ran = run("serve --kernels ggml --host 192.0.2.1 --insecure");  // it ends once the model is loaded
  EXPECT_TRUE(ran.err.contains("pictures and long prompts are computed by ggml\n"));
}

}  // namespace
}  // namespace fovea
