#include "engine/tools/call_form.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(CallForm, EachBeginningEndsWithTheArgumentsFirstCharacter) {
  for (const ToolFormat format : all_tool_formats) {
    const CallForm& form = call_form(format);
    ASSERT_FALSE(form.first.empty());
    for (const auto patterns : {form.first, form.next}) {
      for (const CallPattern pattern : patterns) {
        EXPECT_TRUE(pattern.ends_with(form.tags == nullptr ? '{' : '<')) << pattern;
        EXPECT_TRUE(pattern.contains('@')) << pattern;
      }
    }
  }
}

// The reader looks for the beginning of a call by its first character.
TEST(CallForm, ABeginningInTheMiddleOfAnAnswerHasNoWhiteSpaceFirst) {
  for (const ToolFormat format : all_tool_formats) {
    const CallForm& form = call_form(format);
    for (const CallPattern pattern : form.first) EXPECT_TRUE(form.alone || !pattern.starts_with(' ')) << pattern;
  }
}

TEST(CallForm, AnEndOfAValueHasOneBeginning) {
  for (const ToolFormat format : all_tool_formats) {
    const ArgumentTags* tags = call_form(format).tags;
    if (tags == nullptr) continue;
    EXPECT_EQ(tags->value_end.rfind('<'), 0U);
    EXPECT_TRUE(tags->named.starts_with('<') || tags->named.starts_with('>'));
  }
}

}  // namespace
}  // namespace fovea
