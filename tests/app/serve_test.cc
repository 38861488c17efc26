// What `fovea serve` does without serving. How it serves is tested in tests/serve.
#include <gtest/gtest.h>

#include <string>

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

TEST_F(Serve, ReadsASettingsFile) {
  const std::string settings = file("fovea.toml", "max-requests = 7\nport = 9\n");
  const std::string out = run("serve --config '" + settings + "' --port 10 --print-config").out;
  EXPECT_TRUE(out.contains("max-requests=7\n"));
  EXPECT_TRUE(out.contains("port=10\n")) << "a flag counts before the file";
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
