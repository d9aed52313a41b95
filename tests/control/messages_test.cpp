#include "control/messages.hpp"

#include <gtest/gtest.h>

#include "control/json_text.hpp"

namespace bdsh::control {
namespace {

std::string problem(std::string_view line) {
  const auto request = parse_request(line);
  return request ? "" : request.error().message;
}

TEST(Requests, AreLinesOfJson) {
  const auto request = parse_request(R"({"id":"x","command":"focus","args":["web03",2]})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->id, "\"x\"");
  EXPECT_EQ(request->command, "focus");
  EXPECT_EQ(request->arguments, (std::vector<std::string>{"web03", "2"}));
}

TEST(Requests, SayWhatIsWrongWithThem) {
  EXPECT_EQ(problem("nonsense"), "not a line of JSON");
  EXPECT_EQ(problem("[1]"), "not a JSON object");
  EXPECT_EQ(problem("{}"), "there is no \"command\"");
  EXPECT_EQ(problem(R"({"command":1})"), "\"command\" is no text");
  EXPECT_EQ(problem(R"({"command":"a","args":"b"})"), "\"args\" is no list");
  EXPECT_EQ(problem(R"({"command":"a","args":[[]]})"),
            "\"args\" holds something that is neither text nor number");
  EXPECT_EQ(problem(R"({"command":"a","id":[]})"), "\"id\" is neither text nor number");
  EXPECT_EQ(problem(R"({"command":"a","read_only":1})"), "\"read_only\" is neither true nor false");
  EXPECT_EQ(problem("{\"command\":\"\xff\"}"), "not a line of JSON");
  EXPECT_EQ(problem(std::string(kLongestLine + 1, ' ')), "the line is too long");
}

TEST(Requests, SurviveTheWire) {
  Request request;
  request.id = "7";
  request.command = "attach";
  request.arguments = {"a\n\"b\"", "ü", ""};
  request.environment = {{"TERM", "xterm"}, {"LANG", "C.UTF-8"}};
  for (int byte = 0; byte < 256; ++byte) request.modes += static_cast<char>(byte);
  request.read_only = true;
  const std::string line = to_line(request);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto again = parse_request(line);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, request);
}

// Nesting is a way to exhaust the stack of a parser that recurses.
TEST(Requests, MayNestAsDeepAsALineIsLong) {
  const std::string deep(kLongestLine / 2 - 100, '[');
  EXPECT_EQ(problem(R"({"command":"a","x":)" + deep + std::string(deep.size(), ']') + "}"), "");
}

TEST(Answers, ComeWithAResultOrAReason) {
  EXPECT_EQ(answer_line("", ""), "{\"ok\":true}\n");
  EXPECT_EQ(answer_line("3", R"({"a":1})"), "{\"id\":3,\"ok\":true,\"result\":{\"a\":1}}\n");
  const auto good = parse_answer(answer_line("3", "[1,2]"));
  ASSERT_TRUE(good);
  EXPECT_TRUE(good->ok);
  EXPECT_EQ(good->result, "[1,2]");
  const auto bad = parse_answer(error_line("", {ErrorKind::usage, "no host \"x\""}));
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->ok);
  EXPECT_TRUE(bad->usage);
  EXPECT_EQ(bad->error, "no host \"x\"");
  EXPECT_FALSE(parse_answer(R"({"event":"x"})"));
}

TEST(Notices, CarryAnyBytes) {
  Notice notice;
  notice.kind = Notice::Kind::end;
  notice.bytes = std::string("\x1b[?1049l\0\xe2\x82", 11);
  notice.out = "web: 3 hosts\n";
  notice.err = "bdsh-tui: ü\n";
  notice.code = 10;
  const auto again = parse_notice(to_line(notice));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, notice);
  EXPECT_FALSE(parse_notice(R"({"terminal":"dance"})"));
  EXPECT_FALSE(parse_notice(R"({"ok":true})"));
}

TEST(JsonText, FitsInALine) {
  EXPECT_EQ(one_line("{\n  \"a b\": [\n    1,  2\n  ]\n}\n"), "{\"a b\": [1,  2]}");
}

TEST(JsonText, IsEscaped) {
  EXPECT_EQ(json_string("a\"b\\c\n\x01\x7f"), R"("a\"b\\c\n\u0001\u007f")");
  EXPECT_EQ(json_string("\xff"), "\"\xef\xbf\xbd\"");
  JsonObject object;
  object.text("a", "x")
      .number("b", -2)
      .flag("c", true)
      .texts("d", {"e", "f"})
      .text_or_null("g", "");
  EXPECT_EQ(object.str(), R"({"a":"x","b":-2,"c":true,"d":["e","f"],"g":null})");
}

TEST(Status, SaysWhoIsThereAndWhoAsks) {
  const auto status = parse_status(R"({"terminals":2,"asking":["web01","web02"],"hosts":9})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->terminals, 2);
  EXPECT_EQ(status->asking, (std::vector<std::string>{"web01", "web02"}));
  EXPECT_EQ(parse_status("{}")->terminals, 0);
  EXPECT_FALSE(parse_status("[]"));
}

}  // namespace
}  // namespace bdsh::control
