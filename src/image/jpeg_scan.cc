// All codes of the scan are read at an eighth of the size, up to the end marker: what is left over before
// that marker is the most frequent trace of noise, and reading the pixels alone does not see it. It costs
// about a third of decoding.
//
// libjpeg calls emit_message for each warning, with its code. error_exit must not return: it throws, and the
// exception passes through libjpeg's frames, which have unwind tables like all of the platform's code.
#include "image/jpeg_scan.h"

#include <cstdio>
#include <vector>

// In this order: both need what comes before them.
// clang-format off
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

namespace fovea {

namespace {

// Bytes between the end of the scan and the next marker. Webcams pad to 16 bytes; noise leaves more.
constexpr int padding_max = 15;
// Of a progressive file, as libvips has it: each is a pass over all of the picture.
constexpr int scans_max = 100;

struct Failed {};

struct Warnings {
  jpeg_error_mgr manager{};  // first: libjpeg hands its address back
  bool harmful = false;

  static void warned(j_common_ptr info, int level) {
    if (level >= 0) return;  // a trace
    auto& self = *reinterpret_cast<Warnings*>(info->err);
    switch (info->err->msg_code) {
      case JWRN_EXTRANEOUS_DATA:
        self.harmful |= info->err->msg_parm.i[0] > padding_max;
        return;
      case JWRN_NOT_SEQUENTIAL:  // parameters of a scan that mean nothing in a sequential file
      case JWRN_ADOBE_XFORM:
        return;
      default:
        self.harmful = true;
    }
  }
  static void failed(j_common_ptr) { throw Failed{}; }
};

// Called while libjpeg reads the scans.
void count_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > scans_max) throw Failed{};
}

class Reader {
 public:
  Reader() {
    info_.err = jpeg_std_error(&warnings_.manager);
    warnings_.manager.emit_message = Warnings::warned;
    warnings_.manager.error_exit = Warnings::failed;
    jpeg_create_decompress(&info_);
    progress_.progress_monitor = count_scans;
    info_.progress = &progress_;
  }
  ~Reader() { jpeg_destroy_decompress(&info_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Throws Failed, as all that libjpeg does with a source may.
  bool is_whole(std::span<const std::byte> source) {
    jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(source.data()), source.size());
    jpeg_read_header(&info_, TRUE);
    info_.out_color_space = info_.jpeg_color_space;  // the colours do not matter
    info_.scale_num = 1;
    info_.scale_denom = 8;  // one pixel of each block: all codes are read, and hardly any is computed with
    jpeg_start_decompress(&info_);
    std::vector<unsigned char> row(std::size_t{info_.output_width} * static_cast<std::size_t>(info_.output_components));
    unsigned char* rows = row.data();
    while (info_.output_scanline < info_.output_height && !warnings_.harmful) jpeg_read_scanlines(&info_, &rows, 1);
    if (!warnings_.harmful) jpeg_finish_decompress(&info_);  // reads up to the end marker
    return !warnings_.harmful;
  }

 private:
  Warnings warnings_;
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
};

}  // namespace

bool jpeg_scan_is_whole(std::span<const std::byte> source) {
  try {
    return Reader().is_whole(source);
  } catch (const Failed&) {
    return false;
  }
}

}  // namespace fovea
