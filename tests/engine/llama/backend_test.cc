#include "engine/llama/backend.h"

#include <ggml.h>
#include <gtest/gtest.h>
#include <llama.h>

#include <thread>

namespace fovea::llama {
namespace {

void fail_an_assertion() { ggml_abort("file.c", 7, "the reason"); }

TEST(Backend, AFailedAssertionIsThrownUnderAGuard) {
  start_backend();
  const AbortGuard guard;
  {
    const AbortGuard nested;
  }
  try {
    fail_an_assertion();
    FAIL() << "nothing was thrown";
  } catch (const Abort& error) {
    EXPECT_TRUE(std::string_view(error.what()).contains("the reason")) << error.what();
  }
}

TEST(BackendDeathTest, AGuardCountsOnItsOwnThreadOnly) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  start_backend();
  const AbortGuard guard;
  EXPECT_DEATH(std::jthread([] { fail_an_assertion(); }), "");
}

TEST(Backend, AComplaintIsTakenOnce) {
  start_backend();
  take_complaint();
  EXPECT_EQ(take_complaint(), "");
  EXPECT_EQ(llama_model_load_from_file("/nowhere/model.gguf", llama_model_default_params()), nullptr);
  EXPECT_NE(take_complaint(), "");
  EXPECT_EQ(take_complaint(), "");
}

TEST(Backend, AFailureSaysWhatWasDoneAndWhy) {
  start_backend();
  take_complaint();
  EXPECT_EQ(engine_failure("testing", "it had to").error().message, "llama.cpp failed testing: it had to");
  EXPECT_EQ(engine_failure("testing").error().message, "llama.cpp failed testing");
  EXPECT_EQ(engine_failure("testing").error().fault, Fault::internal);
}

}  // namespace
}  // namespace fovea::llama
