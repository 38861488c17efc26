// The builds of libraries are told apart by what the linker wrote into them (the note GNU build-id), since
// their version numbers stay the same when a distribution mends them.
#include "image/vips.h"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace fovea {

namespace {

void allow_only_our_loaders() {
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoad", TRUE);
  constexpr std::array allowed{"VipsForeignLoadJpeg",  "VipsForeignLoadPng",  "VipsForeignLoadWebp",
                               "VipsForeignLoadNsgif", "VipsForeignLoadHeif", "VipsForeignLoadTiff"};
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

// Those that libvips loads itself. What decodes HEIC and AVIF is a plugin of libheif, which is loaded later.
constexpr std::array<std::string_view, 12> decoding_libraries{"libvips",  "libtiff", "libLerc",   "libjpeg",
                                                              "libpng",   "libspng", "libz",      "libwebp",
                                                              "libnsgif", "libheif", "libopenjp", "liblcms"};

// The bytes of the note GNU build-id in one segment of notes; empty where it has none.
std::string_view build_id_in(std::string_view notes) {
  while (notes.size() >= sizeof(ElfW(Nhdr))) {
    ElfW(Nhdr) note;
    notes.copy(reinterpret_cast<char*>(&note), sizeof note);
    notes.remove_prefix(sizeof note);
    const auto padded = [](std::size_t size) { return (size + 3) / 4 * 4; };
    const std::size_t name_bytes = padded(note.n_namesz), id_bytes = padded(note.n_descsz);
    if (name_bytes > notes.size() || id_bytes > notes.size() - name_bytes) return {};
    if (note.n_type == NT_GNU_BUILD_ID && notes.starts_with(std::string_view("GNU\0", 4)))
      return notes.substr(name_bytes, note.n_descsz);
    notes.remove_prefix(name_bytes + id_bytes);
  }
  return {};
}

// Called by the linker for each object of the process. Adds the decoding libraries' names and build-ids.
int add_library(dl_phdr_info* object, std::size_t, void* libraries) {
  const std::string_view path = object->dlpi_name;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const auto is_of = [&](std::string_view library) { return name.starts_with(library); };
  if (std::ranges::none_of(decoding_libraries, is_of)) return 0;
  std::string identity(name);
  for (const ElfW(Phdr) & segment : std::span(object->dlpi_phdr, object->dlpi_phnum)) {
    if (segment.p_type != PT_NOTE) continue;
    // The linker tells the address as a number.
    const auto* notes =
        reinterpret_cast<const char*>(object->dlpi_addr + segment.p_vaddr);  // NOLINT(performance-no-int-to-ptr)
    identity.append(build_id_in({notes, segment.p_memsz}));
  }
  static_cast<std::set<std::string>*>(libraries)->insert(identity);
  return 0;
}

Key name_decoders() {
  vips_ready();  // loads them
  std::set<std::string> libraries;
  dl_iterate_phdr(add_library, &libraries);
  KeyBuilder key("fovea/decoders/1");
  key.field(vips_version_string());
  for (const std::string& library : libraries) key.field(std::string_view(library));
  return key.finish();
}

}  // namespace

bool vips_ready() {
  static const bool ready = start();
  return ready;
}

const Key& decoders() {
  static const Key key = name_decoders();
  return key;
}

}  // namespace fovea
