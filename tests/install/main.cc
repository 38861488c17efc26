// "A dictionary of visual tokens" as a program outside this repository has it: it uses the installed headers
// and library, and nothing else.
#include <cstdio>

#include "fovea/level.h"
#include "fovea/version.h"

int main() {
  fovea::Level level(1 << 20);
  const fovea::Key key = fovea::KeyBuilder("consumer/picture/1").field("a picture").finish();
  level.insert(key, fovea::Blob::copy_of("its visual tokens"), 400.0);
  const auto hit = level.find(key);
  if (!hit || hit->value.text() != "its visual tokens") return 1;
  std::puts(FOVEA_VERSION);
}
