#include "image/vips.h"

#include <array>

namespace fovea {

namespace {

void allow_only_our_loaders() {
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  constexpr std::array allowed{"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp",
                               "VipsForeignLoadNsgif", "VipsForeignLoadHeif"};
  for (const char* loader : allowed) vips_operation_block_set(loader, FALSE);
}

bool start() {
  if (VIPS_INIT("fovea") != 0) return false;
  allow_only_our_loaders();
  vips_cache_set_max(0);
  vips_concurrency_set(1);  // a server decodes many pictures at once: parallel by request, not within one
  vips_error_freeze();
  g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, [](const char*, GLogLevelFlags, const char*, gpointer) {}, nullptr);
  return true;
}

}  // namespace

bool vips_ready() {
  static const bool ready = start();
  return ready;
}

}  // namespace fovea
