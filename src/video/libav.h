// libav: ffmpeg's libraries, made quiet and bounded for hostile bytes, and owners of their handles. Only
// src/video includes them. Thread-safe.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/imgutils.h>
#include <libavutil/mem.h>
#include <libswscale/swscale.h>
}

#include "base/owned.h"

namespace fovea {

// Sets what holds for the whole process: no log, and no allocation that a header alone asks for. The first
// call does it. Thread-safe.
void start_libav();

inline void free_packet(AVPacket* packet) { av_packet_free(&packet); }
inline void free_frame(AVFrame* frame) { av_frame_free(&frame); }
inline void free_decoder(AVCodecContext* decoder) { avcodec_free_context(&decoder); }
inline void close_input(AVFormatContext* input) { avformat_close_input(&input); }
inline void free_dictionary(AVDictionary* options) { av_dict_free(&options); }
// The buffer is libav's: it may have replaced the one that it was given.
inline void free_io(AVIOContext* io) {
  av_freep(static_cast<void*>(&io->buffer));
  avio_context_free(&io);
}

using PacketHandle = Owned<AVPacket, free_packet>;
using FrameHandle = Owned<AVFrame, free_frame>;
using DecoderHandle = Owned<AVCodecContext, free_decoder>;
using InputHandle = Owned<AVFormatContext, close_input>;
using IoHandle = Owned<AVIOContext, free_io>;
using ScalerHandle = Owned<SwsContext, sws_freeContext>;

}  // namespace fovea
