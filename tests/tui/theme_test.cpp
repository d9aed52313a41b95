#include "tui/theme.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace bdsh::tui {
namespace {

std::string error_of(const std::string& yaml) {
  const auto theme = Theme::parse(yaml, "x.yaml");
  return theme ? "no error" : theme.error().message;
}

TEST(Theme, BuiltInOnesAreTheFilesOfTheRepository) {
  for (const std::string& name : Theme::built_in_names()) {
    const std::string path = std::string(BDSH_TEST_DATA) + "/../../themes/" + name + ".yaml";
    const auto file = Theme::load(path);
    const auto compiled = Theme::named(name);
    ASSERT_TRUE(file.ok() && compiled.ok()) << name;
    EXPECT_EQ(compiled.value().name(), name);
    for (int i = 0; i < static_cast<int>(Paint::count_); ++i)
      EXPECT_EQ(file.value().style(static_cast<Paint>(i)), compiled.value().style(static_cast<Paint>(i)));
  }
}

TEST(Theme, EachNamesEveryStyle) {
  for (const std::string& name : Theme::built_in_names()) {
    std::ifstream file(std::string(BDSH_TEST_DATA) + "/../../themes/" + name + ".yaml");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    for (int i = 0; i < static_cast<int>(Paint::count_); ++i)
      EXPECT_NE(text.find("\n  " + std::string(paint_name(static_cast<Paint>(i))) + ":"),
                std::string::npos)
          << name << " lacks " << paint_name(static_cast<Paint>(i));
  }
}

TEST(Theme, MonoHasNoColour) {
  const auto mono = Theme::named("mono");
  for (int i = 0; i < static_cast<int>(Paint::count_); ++i) {
    EXPECT_EQ(mono.value().style(static_cast<Paint>(i)).fg, Color{});
    EXPECT_EQ(mono.value().style(static_cast<Paint>(i)).bg, Color{});
  }
}

TEST(Theme, ReadsColoursAndAttributes) {
  const auto theme = Theme::parse(
      "styles: {danger: {fg: '#ff8000', bg: bright-red, bold: true, underline: true}, dim: {fg: 244}}",
      "x.yaml");
  ASSERT_TRUE(theme.ok());
  const Style& danger = theme.value().style(Paint::danger);
  EXPECT_EQ(danger.fg, Color::rgb(255, 128, 0));
  EXPECT_EQ(danger.bg, Color::indexed(9));
  EXPECT_TRUE(danger.bold);
  EXPECT_EQ(danger.underline, Underline::single);
  EXPECT_EQ(theme.value().style(Paint::dim).fg, Color::indexed(244));
}

TEST(Theme, ErrorsNameFileLineAndKey) {
  EXPECT_EQ(error_of("name: x\nstyles:\n  danger: {fg: rde}"),
            "x.yaml:3: styles.danger.fg: unknown colour \"rde\"");
  EXPECT_EQ(error_of("styles:\n  dangre: {fg: red}"), "x.yaml:2: unknown style \"dangre\"");
  EXPECT_EQ(error_of("styles:\n  danger: {glow: true}"), "x.yaml:2: styles.danger.glow: unknown attribute");
  EXPECT_EQ(error_of("styles:\n  danger: red"), "x.yaml:2: styles.danger: must be a map");
  EXPECT_EQ(error_of("colours: {}"), "x.yaml:1: unknown key \"colours\"");
  EXPECT_EQ(error_of("styles: {danger: {fg: 256}}"), "x.yaml:1: styles.danger.fg: unknown colour \"256\"");
  EXPECT_EQ(error_of("styles: [").substr(0, 7), "x.yaml:");
  EXPECT_EQ(Theme::named("drak").error().message,
            "unknown theme \"drak\"; there are: default light mono");
  EXPECT_EQ(Theme::named("/no/such.yaml").error().message, "theme /no/such.yaml: cannot be read");
}

}  // namespace
}  // namespace bdsh::tui
