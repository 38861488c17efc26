// What handlers leave for a connection, and writing it out. Any thread leaves it in the mailbox, and the
// first to do so tells the loop. The loop's thread takes all of it, and writes as much as the socket takes at
// once.
#include "serve/http/connection/connection.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace fovea::serve {

using boost::asio::posix::stream_descriptor;

void Connection::reply(Reply reply) {
  hand_over([&](ReplyMailbox::Mail& mail) { mail.whole = std::move(reply); });
}

void Connection::begin(Reply head) {
  hand_over([&](ReplyMailbox::Mail& mail) { mail.begun = std::move(head); });
}

bool Connection::send(std::string_view bytes) {
  hand_over([&](ReplyMailbox::Mail& mail) { mail.pieces += bytes; });
  return !mailbox_.client_gone();
}

void Connection::end() {
  hand_over([](ReplyMailbox::Mail& mail) { mail.ended = true; });
}

void Connection::abort() {
  hand_over([](ReplyMailbox::Mail& mail) { mail.aborted = true; });
}

template <typename Leave>
void Connection::hand_over(Leave leave) {
  if (!mailbox_.put(leave)) return;
  boost::asio::post(socket_.get_executor(), [self = shared_from_this()] { self->take_over(); });
}

void Connection::take_over() {
  ReplyMailbox::Mail mail = mailbox_.take();
  if (state_ != State::handling) return;  // closed meanwhile
  if (mail.whole) writer_.whole(std::move(*mail.whole));
  if (mail.begun) writer_.head(std::move(*mail.begun));
  if (!mail.pieces.empty()) writer_.piece(std::move(mail.pieces));
  if (mail.ended) writer_.end();
  if (mail.whole || mail.ended || mail.aborted) reply_complete_ = true;
  if (mail.aborted) reply_broken_ = true;
  write_out();
  advance();
}

void Connection::write_out() {
  SocketOutput& output = writer_.output();
  if (!waiting_for_output_) {
    const auto written = output.write();
    if (written == SocketOutput::Written::broken) return close();
    if (written == SocketOutput::Written::some) wait_for_output();
  }
  mailbox_.set_unsent(output.size());
  if (output.empty() && reply_complete_) reply_written();
}

void Connection::wait_for_output() {
  waiting_for_output_ = true;
  socket_.async_wait(stream_descriptor::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       self->waiting_for_output_ = false;
                       if (error || self->state_ == State::closed) return;
                       self->write_out();
                       self->advance();
                     });
}

void Connection::reply_written() {
  reply_complete_ = false;
  if (std::exchange(counted_, false)) --parts_.unanswered;
  if (std::exchange(reply_broken_, false)) return break_off();
  if (!writer_.keeps_alive()) return close_gently();
  state_ = State::reading;
  writer_.drop_request();
  match_ = {};
  reader_.drop();
  if (input_.bytes().empty()) input_.drop();
}

}  // namespace fovea::serve
