// Packets byte by byte, as the draft has them, and broken ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transfer/fake_server.hpp"
#include "transfer/packet_cutter.hpp"
#include "transfer/packets.hpp"

namespace bdsh::transfer::test {
namespace {

using ::testing::HasSubstr;

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out.push_back(static_cast<char>(value));
  return out;
}

TEST(Packets, Version) {
  const auto reply = decode_reply(bytes({2, 0, 0, 0, 3}) + text("fsync@openssh.com") + text("1"));
  ASSERT_TRUE(reply);
  const auto& version = std::get<VersionReply>(reply->body);
  EXPECT_EQ(version.version, 3U);
  ASSERT_EQ(version.extensions.size(), 1U);
  EXPECT_EQ(version.extensions[0].first, "fsync@openssh.com");
}

TEST(Packets, Status) {
  const auto reply = decode_reply(bytes({101, 0, 0, 0, 7, 0, 0, 0, 3}) + text("no\x1bway") + text("en"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->id, 7U);
  EXPECT_EQ(std::get<StatusReply>(reply->body).code, Fx::permission_denied);
  EXPECT_EQ(std::get<StatusReply>(reply->body).message, "no\xEF\xBF\xBDway");
}

TEST(Packets, StatusWithoutWords) {
  const auto reply = decode_reply(bytes({101, 0, 0, 0, 7, 0, 0, 0, 2}));
  ASSERT_TRUE(reply);
  EXPECT_EQ(words_of(std::get<StatusReply>(reply->body)), "no such file or directory");
}

TEST(Packets, AttributesWithEverything) {
  const auto reply = decode_reply(bytes({105, 0, 0, 0, 1, 0x80, 0, 0, 15, 0, 0, 0, 0, 0, 0, 1, 0,  // size 256
                                         0, 0, 0, 5, 0, 0, 0, 6,                                  // owner
                                         0, 0, 0x81, 0xA4,                                        // 0100644
                                         0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 1}) +
                                  text("more") + text("data"));
  ASSERT_TRUE(reply);
  const Attributes& attributes = std::get<AttributesReply>(reply->body).attributes;
  EXPECT_EQ(attributes, (Attributes{256, 0100644, Times{9, 10}}));
  EXPECT_EQ(attributes.kind(), FileKind::regular);
  EXPECT_EQ(attributes.mode(), 0644U);
}

TEST(Packets, KindsOfFiles) {
  const auto kind = [](std::uint32_t mode) { return Attributes{{}, mode, {}}.kind(); };
  EXPECT_EQ(kind(0040755), FileKind::directory);
  EXPECT_EQ(kind(0120777), FileKind::link);
  EXPECT_EQ(kind(0010644), FileKind::other);
  EXPECT_EQ(kind(0644), FileKind::unknown);
  EXPECT_EQ(Attributes{}.kind(), FileKind::unknown);
}

TEST(Packets, NamesOfADirectory) {
  const auto reply = decode_reply(bytes({104, 0, 0, 0, 1, 0, 0, 0, 2}) + text("a") + text("-rw a") +
                                  bytes({0, 0, 0, 0}) + text("b") + text("") + bytes({0, 0, 0, 4, 0, 0, 0x41, 0xED}));
  ASSERT_TRUE(reply);
  const auto& entries = std::get<NameReply>(reply->body).entries;
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].name, "b");
  EXPECT_EQ(entries[1].attributes.kind(), FileKind::directory);
}

TEST(Packets, EveryCutIsAnErrorAndNothingElse) {
  const std::string whole = bytes({104, 0, 0, 0, 1, 0, 0, 0, 1}) + text("name") + text("long") +
                            bytes({0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2});
  ASSERT_TRUE(decode_reply(whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(decode_reply(whole.substr(0, length))) << length;
}

TEST(Packets, ACountThatIsALieCostsNothing) {
  EXPECT_FALSE(decode_reply(bytes({104, 0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF})));
  EXPECT_FALSE(decode_reply(bytes({105, 0, 0, 0, 1, 0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF})));
}

TEST(Packets, RequestsAreNoReplies) {
  const auto reply = decode_reply(bytes({3, 0, 0, 0, 1}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, ErrorKind::protocol);
}

TEST(Cutter, PacketsComeOutWhateverTheBytesCameIn) {
  const std::string stream = status(1, Fx::ok) + status(2, Fx::eof, "end");
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    PacketCutter cutter;
    int count = 0;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      cutter.feed(std::string_view(stream).substr(at, piece));
      for (auto packet = cutter.next(); packet && *packet; packet = cutter.next()) ++count;
    }
    EXPECT_EQ(count, 2) << piece;
  }
}

TEST(Cutter, ALengthThatNoPacketHasEndsTheStream) {
  PacketCutter cutter;
  cutter.feed("motd: hello");
  const auto packet = cutter.next();
  ASSERT_FALSE(packet);
  EXPECT_THAT(packet.error().message, HasSubstr("\"motd: hello\""));
  PacketCutter shorter;
  shorter.feed(bytes({0, 0, 0, 4, 1, 2, 3, 4}));
  EXPECT_FALSE(shorter.next());
}

}  // namespace
}  // namespace bdsh::transfer::test
