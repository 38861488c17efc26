// hiredis's parser calls back to build what it parsed, and builds Replies here. It wants a value whole in
// its own buffer first: twice the memory, three copies, and a length that nobody sees before. So whenever
// it is left with an unfinished item, that item's announced length is looked at in its buffer. If it is too
// long, reading ends. If it is a large value, the rest of it is read to where it stays, and a new parser
// goes on behind it: the old one's buffer ended within the value, so nothing of a later reply is lost.
#include "tier/valkey/wire/reply.h"

#include <hiredis/read.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <format>
#include <memory>
#include <new>
#include <utility>

#include "base/check.h"

namespace fovea::valkey {

namespace {

constexpr std::size_t buffer_bytes = 64 << 10;
constexpr std::size_t direct_bytes_min = 32 << 10;  // smaller values are copied once more; a new parser costs as much
constexpr std::size_t inner_bytes_max = 64 << 10;   // of an array's values, of lines: names and numbers
constexpr long long elements_max = 1 << 16;         // of an array: a cluster has 16,384 slots
constexpr std::size_t blob_bytes = 128;             // about what a Blob takes beside its bytes
constexpr int depth_max = 6;                        // of arrays in arrays: CLUSTER SLOTS has 4
constexpr std::size_t length_line_bytes_max = 24;
constexpr std::size_t read_bytes_max = 1 << 20;  // at once, so that others have their turn

Reply::Kind kind_of(int type) {
  switch (type) {
    case REDIS_REPLY_STRING:
      return Reply::Kind::value;
    case REDIS_REPLY_STATUS:
      return Reply::Kind::status;
    case REDIS_REPLY_ERROR:
      return Reply::Kind::error;
    case REDIS_REPLY_INTEGER:
      return Reply::Kind::integer;
    case REDIS_REPLY_NIL:
      return Reply::Kind::nil;
    case REDIS_REPLY_ARRAY:
      return Reply::Kind::array;
    default:
      return Reply::Kind::other;
  }
}

int depth_of(const redisReadTask* task) {
  int depth = 0;
  for (; task->parent != nullptr; task = task->parent) ++depth;
  return depth;
}

// Puts what `make` makes, which takes so many bytes, where the parser's task says, and returns its address,
// or null: the parser then stops. hiredis is C, so nothing may be thrown through it.
template <typename Make>
void* place(const redisReadTask* task, std::size_t bytes, Make&& make) noexcept {
  std::size_t& left = *static_cast<std::size_t*>(task->privdata);
  if (bytes > left) return nullptr;
  left -= bytes;
  try {
    Reply made = make();
    if (depth_of(task) > depth_max) return nullptr;
    if (task->parent == nullptr) return std::make_unique<Reply>(std::move(made)).release();
    Reply& slot = static_cast<Reply*>(task->parent->obj)->items[static_cast<std::size_t>(task->idx)];
    slot = std::move(made);
    return &slot;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void* create_string(const redisReadTask* task, char* text, std::size_t bytes) {
  return place(task, bytes + blob_bytes, [&] {
    return Reply{.kind = kind_of(task->type), .bytes = Blob::copy_of(std::string_view(text, bytes))};
  });
}

void* create_array(const redisReadTask* task, std::size_t elements) {
  return place(task, elements * sizeof(Reply),
               [&] { return Reply{.kind = kind_of(task->type), .items = std::vector<Reply>(elements)}; });
}

void* create_integer(const redisReadTask* task, long long value) {
  return place(task, 0, [&] { return Reply{.kind = kind_of(task->type), .integer = value}; });
}

void* create_double(const redisReadTask* task, double, char*, std::size_t) {
  return place(task, 0, [] { return Reply{.kind = Reply::Kind::other}; });
}

void* create_nil(const redisReadTask* task) {
  return place(task, 0, [] { return Reply{.kind = Reply::Kind::nil}; });
}

void* create_bool(const redisReadTask* task, int) {
  return place(task, 0, [] { return Reply{.kind = Reply::Kind::other}; });
}

void free_object(void* root) { std::unique_ptr<Reply>(static_cast<Reply*>(root)).reset(); }

redisReplyObjectFunctions builders = {create_string, create_array, create_integer, create_double,
                                      create_nil,    create_bool,  free_object};

Owned<redisReader, free_reader> new_reader(std::size_t& bytes_left) {
  Owned<redisReader, free_reader> reader(redisReaderCreateWithFunctions(&builders));
  if (!reader) throw std::bad_alloc();
  reader->maxelements = elements_max;
  reader->privdata = &bytes_left;
  return reader;
}

std::unexpected<Error> no_reply(std::string_view what) {
  return fail(Fault::corrupt, std::format("what came is no reply of a Valkey server: {}", what));
}

}  // namespace

void free_reader(redisReader* reader) { redisReaderFree(reader); }

ReplyReader::ReplyReader(std::size_t value_bytes_max)
    : value_bytes_max_(value_bytes_max), reader_(new_reader(bytes_left_)), buffer_(buffer_bytes) {}

ReplyReader::~ReplyReader() = default;

std::span<std::byte> ReplyReader::room() {
  if (!direct_) return buffer_;
  const std::size_t got = direct_->got, size = direct_->memory.size();
  if (got < size) return direct_->memory.subspan(got, std::min(size - got, read_bytes_max));
  return std::span(direct_->end).subspan(got - size);
}

Result<void> ReplyReader::filled(std::size_t bytes, std::vector<Reply>& replies) {
  if (direct_) return filled_direct(bytes, replies);
  if (redisReaderFeed(reader_.get(), reinterpret_cast<const char*>(buffer_.data()), bytes) != REDIS_OK)
    return no_reply(reader_->errstr);
  for (;;) {
    void* root = nullptr;
    if (redisReaderGetReply(reader_.get(), &root) != REDIS_OK) return no_reply(reader_->errstr);
    if (root == nullptr) return look_at_unfinished();
    replies.push_back(std::move(*std::unique_ptr<Reply>(static_cast<Reply*>(root))));
    bytes_left_ = array_bytes_max;
  }
}

Result<void> ReplyReader::filled_direct(std::size_t bytes, std::vector<Reply>& replies) {
  direct_->got += bytes;
  if (direct_->got < direct_->memory.size() + direct_->end.size()) return {};
  if (direct_->end != std::array{std::byte{'\r'}, std::byte{'\n'}})
    return no_reply("a value does not end where it should");
  replies.push_back(std::move(direct_->reply));
  direct_.reset();
  return {};
}

// What the parser waits for the rest of: an item whose type it has read, and from `pos` on its bytes so far.
Result<void> ReplyReader::look_at_unfinished() {
  if (reader_->ridx < 0 || reader_->len == reader_->pos) return {};
  const std::string_view rest(reader_->buf + reader_->pos, reader_->len - reader_->pos);
  const redisReadTask& task = *reader_->task[reader_->ridx];
  if (task.type != REDIS_REPLY_STRING)
    return rest.size() <= inner_bytes_max ? Result<void>() : no_reply("a line without an end");
  const std::size_t line = rest.find("\r\n");
  if (line == std::string_view::npos)
    return rest.size() <= length_line_bytes_max ? Result<void>() : no_reply("a length without an end");
  std::uint64_t value_bytes = 0;
  const std::string_view digits = rest.substr(0, line);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value_bytes);
  if (error != std::errc() || end != digits.data() + digits.size()) return no_reply("a length that is no number");
  const bool outermost = reader_->ridx == 0;
  if (value_bytes > (outermost ? value_bytes_max_ : inner_bytes_max))
    return no_reply(std::format("a value of {} bytes, where {} are the most", value_bytes,
                                outermost ? value_bytes_max_ : inner_bytes_max));
  if (outermost && value_bytes >= direct_bytes_min) begin_direct(value_bytes, line + 2);
  return {};
}

void ReplyReader::begin_direct(std::size_t value_bytes, std::size_t header_bytes) {
  const auto rest =
      std::as_bytes(std::span(reader_->buf + reader_->pos, reader_->len - reader_->pos)).subspan(header_bytes);
  Direct direct{.reply = {.kind = Reply::Kind::value}, .memory = {}, .end = {}};
  direct.reply.bytes = Blob::filled(value_bytes, [&](std::span<std::byte> memory) { direct.memory = memory; });
  direct.got = rest.size();
  check(direct.got < value_bytes + direct.end.size(), "the parser waits for the rest of a value");
  const std::size_t of_value = std::min(rest.size(), value_bytes);
  std::ranges::copy(rest.first(of_value), direct.memory.begin());
  std::ranges::copy(rest.subspan(of_value), direct.end.begin());
  direct_ = std::move(direct);
  reader_ = new_reader(bytes_left_);
}

// The parser begins the next item, of no type yet, when it is asked for one that has not come.
bool ReplyReader::is_between_replies() const {
  const bool begun = reader_->ridx > 0 || (reader_->ridx == 0 && reader_->task[0]->type >= 0);
  return !direct_ && !begun && reader_->len == reader_->pos;
}

}  // namespace fovea::valkey
