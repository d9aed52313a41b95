#include "config/host_command.hpp"

#include <gmock/gmock.h>

#include "config/command_output.hpp"

namespace bdsh::config {
namespace {

std::string by_sh(const std::string& command) {
  const auto text = output_of({{"/bin/sh", "-c", command}, std::chrono::seconds(20)});
  return text ? *text : text.error().message;
}

TEST(Template, ValuesAreSingleWords) {
  const CommandTemplate command{"show", "printf '<%s>' {host} {user} {n} {what} {args}", {"what"}, false, 1};
  ASSERT_TRUE(check_template(command).ok());
  const std::vector<std::string> words{"it's $(id) `id` \\", "", "-n", "a\nb"};
  ASSERT_TRUE(check_arguments(command, words).ok());
  EXPECT_EQ(by_sh(fill_template(command, words, {"web 1;reboot", "o'amy", 7})),
            "<web 1;reboot><o'amy><7><it's $(id) `id` \\><><-n><a\nb>");
}

TEST(Template, OnlyNamesInBracesAreFields) {
  const CommandTemplate command{"x", "awk '{print $1}' f{1,2}; echo ${HOME} {{host}} }{", {}, false, 1};
  EXPECT_THAT(check_template(command).error().message, testing::HasSubstr("there is no field {HOME}"));
  const CommandTemplate braces{"x", "awk '{print $1}' f{1,2}; echo ${{HOME}} {{host}} }{", {}, false, 1};
  ASSERT_TRUE(check_template(braces).ok());
  EXPECT_EQ(fill_template(braces, {}, {"h", "u", 1}), "awk '{print $1}' f{1,2}; echo ${HOME} {host} }{");
}

TEST(Template, ArgumentsAreCounted) {
  const CommandTemplate two{"two", "{a} {b}", {"a", "b"}, false, 1};
  EXPECT_FALSE(check_arguments(two, {"1"}).ok());
  EXPECT_FALSE(check_arguments(two, {"1", "2", "3"}).ok());
  EXPECT_EQ(check_arguments(two, {}).error().message, ":two takes: a b");
  EXPECT_TRUE(check_arguments({"any", "{args}", {}, false, 1}, {"1", "2"}).ok());
}

TEST(Script, ShellsGetItAsAWord) {
  const auto command = script_command("my'script", "echo \"$0: $# $1\"; exit 3\n", {"it's", "b"});
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(by_sh(*command + " || true"), by_sh("printf \"sh: exit\" >/dev/null; " + *command));
  EXPECT_EQ(by_sh("(" + *command + "); echo $?"), "my'script: 2 it's\n3\n");
}

TEST(Script, OtherInterpretersGetAFileThatIsGoneAfterwards) {
  const auto command = script_command("s", "#!/usr/bin/env python3\nimport sys\nprint(sys.argv[0], sys.argv[1:])\n", {"a b"});
  ASSERT_TRUE(command.ok());
  const std::string out = by_sh(*command);
  ASSERT_THAT(out, testing::HasSubstr("/bdsh."));
  EXPECT_THAT(out, testing::HasSubstr("['a b']"));
  EXPECT_EQ(by_sh("test -e " + out.substr(0, out.find(' ')) + " && echo there || echo gone"), "gone\n");
  const auto failing = script_command("s", "#!/usr/bin/env python3\nimport sys\nsys.exit(4)\n", {});
  EXPECT_EQ(by_sh("(" + *failing + "); echo $?"), "4\n");
}

TEST(Script, WhatCannotTravelIsRefused) {
  EXPECT_THAT(script_command("s", std::string("a\0b", 3), {}).error().message, testing::HasSubstr("is no text"));
  EXPECT_THAT(script_command("s", std::string(200'000, 'a'), {}).error().message, testing::HasSubstr("larger than"));
}

}  // namespace
}  // namespace bdsh::config
