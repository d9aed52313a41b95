// One line in, the same line as it is shown: what a mask takes, and what it leaves.
#include "consensus/masks.hpp"

#include <gmock/gmock.h>

#include "consensus/display.hpp"

namespace bdsh::consensus {
namespace {

std::string masked(const std::string& line, const OwnWords& own = {}) {
  Masks masks;
  std::vector<MaskHit> hits;
  masks.find(line, own, hits);
  return display_line(line, hits, masks).text;
}

struct Example {
  const char* line;
  const char* shown;
};

TEST(Masks, TakeWhatVariesByNature) {
  const Example examples[] = {
      {"2026-11-22T02:29:04.123456Z start", "‹time› start"},
      {"2026-11-22 02:29:04,123 +0100 start", "‹time› start"},
      {"2026/11/22 start", "‹time› start"},
      {"Sun Nov 22 02:29:04 UTC 2026", "‹time›"},
      {"Sun, 22 Nov 2026 02:29:04 +0000", "‹time›"},
      {"Sun 22 Nov 2026 02:29:04 AM UTC", "‹time›"},
      {"10.0.0.9 - - [22/Nov/2026:02:29:04 +0000] \"GET /\"", "10.0.0.9 - - [‹time›] \"GET /\""},
      {"Nov  2 02:29:04 kernel: x", "‹time› kernel: x"},
      {"-rw-r--r-- 1 root root 12 Nov  2  2025 a", "-rw-r--r-- 1 root root 12 ‹time› a"},
      {"[    0.123456] Linux version", "[‹time›] Linux version"},
      {"sshd[812]: x", "sshd[‹pid›]: x"},
      {"pid=812,fd=3", "pid=‹pid›,fd=3"},
      {"  Process: 812 ExecStart=/bin/x", "  Process: ‹pid› ExecStart=/bin/x"},
      {"             ├─812 nginx: master", "             ├─‹pid› nginx: master"},
      {"took 3.25s", "took ‹duration›"},
      {"1h30m left", "‹duration› left"},
      {"in 12 ms", "in ‹duration›"},
      {"3 days ago", "‹duration›"},
      {"time=0.045 ms", "time=‹duration›"},
      {" 42% [=====>    ]", " ‹percent› [‹percent›]"},
      {"working [|]", "working [‹spinner›]"},
      {"⠋ building", "‹spinner› building"},
      {"0x7ffd12345678", "‹hash›"},
      {"index 3a5f9c1..9e107d9 100644", "index ‹hash›..‹hash› 100644"},
      {"10.0.0.9:51234 ESTAB", "10.0.0.9:‹port› ESTAB"},
      {"/tmp/ssh-XyZ12abc/agent", "/tmp/ssh-‹tmp›/agent"},
      {"52:54:00:ab:cd:ef", "‹mac›"},
  };
  for (const Example& example : examples) EXPECT_EQ(masked(example.line), example.shown);
}

TEST(Masks, LeaveWhatMayMatter) {
  const char* lines[] = {
      "rc=0",
      "rc=1",
      "exit 3",
      "total 812",
      "load is 3",
      "5 files",
      "version 1.2.3",
      "6.1.0-18-amd64",
      "TimeoutStopSec=90s",
      "port 22",
      "listen 0.0.0.0:8080",
      "10.0.0.1",
      "fe80::1",
      "decade",
      "facade",
      "1234567",
      "12345678901234567890",
      "cafe",
      "May be",
      "Mon repos",
      "a[0] = 1",
      "eth0 up",
      "ratio 3:4",
      "10.0.0.1:22",
      "512m",
      "5d",
      "size 4K",
      "/etc/tmpfiles.d",
      "100 %",
      "Sat",
      "March 2026",
      "[ OK ]",
      "127.0.0.1",
      "localhost",
      "",
  };
  for (const char* line : lines) EXPECT_EQ(masked(line), line);
}

TEST(Masks, OwnWords) {
  const OwnWords own(
      {"deploy@Web01.example.com:2222", "[fe80::21]:22", "10.1.2.3", "localhost", "x", "42"});
  EXPECT_THAT(own.words(),
              testing::UnorderedElementsAre("web01.example.com", "web01", "fe80::21", "10.1.2.3"));
  const Example examples[] = {
      {"WEB01 web01.example.com web01.other", "‹host› ‹host› ‹host›.other"},
      {"myweb01 web012 web01_x", "myweb01 web012 web01_x"},
      {"web01-vg", "‹host›-vg"},
      {"10.1.2.3/24 10.1.2.33 110.1.2.3 10.1.2.3.", "‹address›/24 10.1.2.33 110.1.2.3 ‹address›."},
      {"fe80::21 fe80::211 fe80::21:1", "‹address› fe80::211 fe80::21:1"},
  };
  for (const Example& example : examples) EXPECT_EQ(masked(example.line, own), example.shown);
}

TEST(Masks, TheFleetsWordsAreNeverMissed) {
  FleetWords fleet;
  for (const char* word : {"web01", "db.example.com", "10.1.2.3", "fe80::21"})
    fleet.add(OwnWords({word}));
  for (const char* text :
       {"WEB01", "x web01-vg", "db.", "at db", "10.1.2.3", "is 10.1.2.3:22", "fe80::21%eth0"})
    EXPECT_TRUE(fleet.may_occur_in(text)) << text;
  for (const char* text : {"", "web", "web02", "db1", "11.1.2.3", "nothing 10 here"})
    EXPECT_FALSE(fleet.may_occur_in(text)) << text;
}

TEST(Masks, BadUserMasksAreNamed) {
  const auto error = [](const char* name, const char* pattern) {
    Masks masks;
    const Status added = masks.add({name, pattern});
    return added.ok() ? std::string() : added.error().message;
  };
  EXPECT_EQ(error("ok", "a+"), "");
  EXPECT_THAT(error("bad", "a("), testing::StartsWith("mask 'bad': "));
  EXPECT_THAT(error("Bad name", "a"), testing::HasSubstr("a name is made of"));
  EXPECT_THAT(error("pid", "a"), testing::HasSubstr("taken"));
  EXPECT_THAT(error("empty", "a*"), testing::HasSubstr("nothing"));
  EXPECT_THAT(error("back", "(a)\\1"), testing::StartsWith("mask 'back': "));
}

TEST(Masks, UsersGoFirst) {
  Masks masks;
  ASSERT_TRUE(masks.add({"job", "job=[0-9]+ at [0-9:]+"}).ok());
  std::vector<MaskHit> hits;
  const std::string line = "pid 7 job=12 at 10:00:01 end";
  masks.find(line, {}, hits);
  EXPECT_EQ(display_line(line, hits, masks).text, "pid ‹pid› ‹job› end");
  ASSERT_TRUE(masks.set_enabled("job", false));
  masks.find(line, {}, hits);
  EXPECT_EQ(display_line(line, hits, masks).text, "pid ‹pid› job=12 at ‹time› end");
  EXPECT_FALSE(masks.set_enabled("none", false));
}

}  // namespace
}  // namespace bdsh::consensus
