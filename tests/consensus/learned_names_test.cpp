// Which words hosts call themselves by, and which only look like it.
#include "consensus/learned_names.hpp"

#include <gmock/gmock.h>

namespace bdsh::consensus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr HostId kFirst{0};
constexpr HostId kSecond{1};

std::vector<std::string> after_two_prompts(const std::string& prompt) {
  LearnedNames names(2);
  names.on_prompt(kFirst, 1, prompt);
  names.on_prompt(kFirst, 2, prompt);
  return names.names(kFirst);
}

TEST(LearnedNames, PromptsOfManyShells) {
  for (const char* prompt :
       {"root@db-prod-7:~# ", "[root@db-prod-7 ~]# ", "(venv) amy@DB-PROD-7:/srv$ ",
        "db-prod-7:~ # ", "db-prod-7> ", "db-prod-7% ", "amy@db-prod-7 ~ % "})
    EXPECT_THAT(after_two_prompts(prompt), ElementsAre("db-prod-7")) << prompt;
  EXPECT_THAT(after_two_prompts("root@mail:~# "), ElementsAre("mail"));
  EXPECT_THAT(after_two_prompts("root@db7.example.com:~# "), ElementsAre("db7.example.com"));
}

TEST(LearnedNames, WhatIsNoNameIsNotLearned) {
  for (const char* prompt :
       {"bash-5.1$ ", "sh-5.2# ", "$ ", "mysql> ", "> ", ">>> ", "(gdb) ", "root@10.0.0.7:~# ",
        "Password: ", "~/src/x7 $ ", "@db7 $ ", "12:30:01 $ "})
    EXPECT_THAT(after_two_prompts(prompt), IsEmpty()) << prompt;
}

TEST(LearnedNames, OnePromptIsNotEnough) {
  LearnedNames names(1);
  names.on_prompt(kFirst, 5, "root@db7:~# ");
  names.on_prompt(kFirst, 5, "root@db7:~# ");  // the same one, drawn again
  EXPECT_THAT(names.names(kFirst), IsEmpty());
  EXPECT_TRUE(names.take_changed().empty());
  names.on_prompt(kFirst, 6, "root@db7:/etc# ");
  EXPECT_THAT(names.names(kFirst), ElementsAre("db7"));
  EXPECT_EQ(names.take_changed(), HostSet::of(kFirst));
  EXPECT_TRUE(names.take_changed().empty());
}

TEST(LearnedNames, TwoSourcesAreEnough) {
  LearnedNames names(1);
  names.on_title(kFirst, "amy@mail: ~");
  EXPECT_THAT(names.names(kFirst), IsEmpty());
  names.on_title(kFirst, "amy@mail: /srv");  // the same source again
  EXPECT_THAT(names.names(kFirst), IsEmpty());
  names.on_url_host(kFirst, "mail");
  EXPECT_THAT(names.names(kFirst), ElementsAre("mail"));
  names.on_prompt(kFirst, 1, "web> ");  // without a digit one more source must say it
  names.on_prompt(kFirst, 2, "web> ");
  EXPECT_THAT(names.names(kFirst), ElementsAre("mail"));
  names.on_title(kFirst, "web: top");
  EXPECT_THAT(names.names(kFirst), ElementsAre("mail", "web"));
}

TEST(LearnedNames, AWordOfTwoHostsIsNobodysInWhateverOrder) {
  for (const bool second_first : {false, true}) {
    LearnedNames names(2);
    if (second_first) names.on_prompt(kSecond, 9, "root@debian12:~# ");
    names.on_prompt(kFirst, 1, "root@debian12:~# ");
    names.on_prompt(kFirst, 2, "root@debian12:~# ");
    if (!second_first) {
      EXPECT_THAT(names.names(kFirst), ElementsAre("debian12"));
      names.on_prompt(kSecond, 9, "root@debian12:~# ");
      EXPECT_EQ(names.take_changed(), HostSet::of(kFirst));
    }
    EXPECT_THAT(names.names(kFirst), IsEmpty());
    EXPECT_THAT(names.names(kSecond), IsEmpty());
  }
}

TEST(LearnedNames, WordsOfAHostAreBounded) {
  LearnedNames names(1);
  for (int i = 0; i < 1000; ++i)
    for (std::uint64_t line : {0U, 1U})
      names.on_prompt(kFirst, static_cast<std::uint64_t>(i) * 2 + line,
                      "root@h" + std::to_string(i) + ":~# ");
  EXPECT_EQ(names.names(kFirst).size(), 16U);
}

}  // namespace
}  // namespace bdsh::consensus
