#include "serve/http/connection/request_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "base/clock.h"
#include "serve/http/connection/socket_pair.h"

namespace fovea::serve {
namespace {

using Step = RequestReader::Step;

class RequestReaderTest : public testing::Test {
 protected:
  // The next step once the client has sent `bytes`.
  Step after(std::string_view bytes) {
    EXPECT_TRUE(pair_.send(bytes));
    input_.now_readable();
    const auto step = reader_.read(input_);
    EXPECT_TRUE(step) << step.error().message;
    return step.value_or(Step::ended);
  }
  int status_after(std::string_view bytes) {
    EXPECT_TRUE(pair_.send(bytes));
    input_.now_readable();
    const auto step = reader_.read(input_);
    return step ? 0 : step.error().status;
  }
  std::string taken() { return std::string(reader_.take(std::stop_source()).body.text()); }
  static double in_ms(double ms) { return Clock::steady().now_ms() + ms; }

  test::SocketPair pair_;
  BodyMemory memory_{100'000};
  SocketInput input_{pair_.server()};
  RequestReader reader_{memory_, 50'000};
};

TEST_F(RequestReaderTest, ReadsHeadAndBodyAsTheyCome) {
  EXPECT_EQ(after("POST /a HTTP/1.1\r\nHost: x\r\nContent-"), Step::input);
  EXPECT_EQ(after("Length: 5\r\n\r\nab"), Step::head);
  EXPECT_EQ(reader_.head().path, "/a");
  reader_.begin_body();
  EXPECT_EQ(after("c"), Step::input);
  EXPECT_EQ(after("deGET /b HTTP/1.0\r\n\r\n"), Step::whole);
  EXPECT_EQ(taken(), "abcde");
  EXPECT_EQ(reader_.read(input_).value(), Step::head) << "the next one is there already";
  EXPECT_EQ(reader_.head().path, "/b");
  reader_.begin_body();
  EXPECT_EQ(reader_.read(input_).value(), Step::whole) << "it has no body";
}

TEST_F(RequestReaderTest, ReadsChunks) {
  EXPECT_EQ(after("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"), Step::head);
  reader_.begin_body();
  EXPECT_EQ(reader_.read(input_).value(), Step::input);
  EXPECT_EQ(after("c\r\n2\r\nde\r\n0\r\n\r\n"), Step::whole);
  EXPECT_EQ(taken(), "abcde");
}

TEST_F(RequestReaderTest, AClientMayEndInTheMiddle) {
  EXPECT_EQ(after("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"), Step::head);
  reader_.begin_body();
  EXPECT_EQ(after("ab"), Step::input);
  pair_.leave();
  input_.now_readable();
  EXPECT_EQ(reader_.read(input_).value(), Step::ended);
}

TEST_F(RequestReaderTest, RefusesWhatIsNoHttpOrTooMuch) {
  EXPECT_EQ(status_after("\x16\x03\x01"), 400);
  input_.drop();
  reader_.drop();
  EXPECT_EQ(after("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), Step::head);
  reader_.begin_body();
  EXPECT_EQ(status_after("FFFFF\r\n"), 413);
}

TEST_F(RequestReaderTest, ABodyWaitsForMemory) {
  ASSERT_TRUE(memory_.take(95'000));
  EXPECT_EQ(after("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n"), Step::head);
  reader_.begin_body();
  EXPECT_EQ(after(std::string(8'000, 'x')), Step::memory);
  EXPECT_FALSE(reader_.overdue(in_ms(60'000), input_)) << "that is not the client's time";
  memory_.give_back(95'000);
  EXPECT_EQ(reader_.read(input_).value(), Step::whole);
  reader_.drop();
  EXPECT_EQ(memory_.taken(), 0U);
}

TEST_F(RequestReaderTest, OwesContinueOnceWhereNothingOfTheBodyCame) {
  const std::string expecting = "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(after(expecting), Step::head);
  reader_.begin_body();
  EXPECT_EQ(reader_.read(input_).value(), Step::input);
  EXPECT_TRUE(reader_.owes_continue(input_));
  EXPECT_FALSE(reader_.owes_continue(input_));
  EXPECT_EQ(after("ab"), Step::whole);
  reader_.drop();
  EXPECT_EQ(after(expecting + "a"), Step::head);
  reader_.begin_body();
  EXPECT_EQ(reader_.read(input_).value(), Step::input);
  EXPECT_FALSE(reader_.owes_continue(input_)) << "it did not wait";
}

TEST_F(RequestReaderTest, AClientHasItsTimeForHeadAndBody) {
  EXPECT_GE(reader_.idle_ms(in_ms(60'000), input_), 60'000);
  EXPECT_FALSE(reader_.overdue(in_ms(60'000), input_)) << "it has not begun";
  EXPECT_EQ(after("POST /a HTTP/1.1\r\n"), Step::input);
  EXPECT_EQ(reader_.idle_ms(in_ms(60'000), input_), 0);
  EXPECT_FALSE(reader_.overdue(in_ms(0), input_));
  EXPECT_EQ(reader_.overdue(in_ms(60'000), input_)->status, 408);
  EXPECT_EQ(after("Host: x\r\nContent-Length: 2\r\n\r\n"), Step::head);
  reader_.begin_body();
  EXPECT_EQ(reader_.read(input_).value(), Step::input);
  EXPECT_FALSE(reader_.overdue(in_ms(0), input_));
  EXPECT_EQ(reader_.overdue(in_ms(60'000), input_)->status, 408);
}

}  // namespace
}  // namespace fovea::serve
