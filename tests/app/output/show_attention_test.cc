// `fovea ask --attention` as a person uses it.
#include <glaze/glaze.hpp>

#include "app/program.h"

namespace fovea {
namespace {

using ShowAttention = Program;

TEST_F(ShowAttention, DrawsThePictureAndNamesThePlace) {
  const Ran ran = run("ask five.png 'What shape is blue?' --attention '" + (folder / "heat.png").string() + "'");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "star\n");
  EXPECT_TRUE(ran.err.contains("five.png: most attention: middle centre")) << ran.err;
  EXPECT_TRUE(text_of(folder / "heat.png").starts_with("\x89PNG"));
}

TEST_F(ShowAttention, SeveralPicturesGetAFileEach) {
  const Ran ran = run("ask one.png three.png 'How many shapes are in the second picture?' --attention '" +
                      (folder / "heat.png").string() + "'");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  for (const char* name : {"heat-1.png", "heat-2.png"})
    EXPECT_TRUE(text_of(folder / name).starts_with("\x89PNG")) << name;
  EXPECT_FALSE(std::filesystem::exists(folder / "heat.png"));
}

TEST_F(ShowAttention, JsonCarriesTheScores) {
  const Ran ran =
      run("ask three.png 'How many shapes are there?' --json --attention '" + (folder / "heat.png").string() + "'");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  glz::generic json;
  ASSERT_FALSE(glz::read_json(json, ran.out)) << ran.out;
  glz::generic& picture = json["attention"]["pictures"][0];
  EXPECT_EQ(picture["columns"].get<double>() * picture["rows"].get<double>(),
            static_cast<double>(picture["scores"].get<glz::generic::array_t>().size()));
  EXPECT_FALSE(picture["regions"].get<glz::generic::array_t>().empty());
  EXPECT_GT(json["attention"]["visual_share"].get<double>(), 0);
}

TEST_F(ShowAttention, SaysWhatCannotBeWritten) {
  const Ran ran = run("ask three.png 'How many shapes are there?' --attention /nowhere/heat.png");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.err.contains("/nowhere/heat.png: No such file or directory")) << ran.err;
}

TEST_F(ShowAttention, RefusesLayersThatAreNone) {
  const std::string ask = "ask three.png 'How many shapes are there?' --attention '" + (folder / "heat.png").string() +
                          "' --attention-layers ";
  EXPECT_EQ(run(ask + "''").exit_code, 2);
  const Ran high = run(ask + "99");
  EXPECT_EQ(high.exit_code, 1);
  EXPECT_TRUE(high.err.contains("the model's layers are 0 to 5")) << high.err;
}

TEST_F(ShowAttention, PoliciesOfImportanceAskForIt) {
  const Ran ran =
      run("ask three.png 'How many shapes are there?' 'How many shapes are there?' --policy cross-modal --timings");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_FALSE(ran.err.contains("gives no attention")) << "a cached answer is no reason to say so: " << ran.err;
  EXPECT_TRUE(ran.err.contains("score")) << ran.err;
}

}  // namespace
}  // namespace fovea
