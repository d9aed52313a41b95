// The key table holds together: no key twice, no command that cannot be reached, and the printed
// tables are those of the repository.
#include "tui/keymap.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace bdsh::tui {
namespace {

std::vector<std::string> key_names(const Binding& binding) {
  std::istringstream in{std::string(binding.keys)};
  std::vector<std::string> names;
  for (std::string name; in >> name;) names.push_back(name);
  return names;
}

const Key kLeave = Key::ctrl(']');

TEST(Keymap, EveryKeyNameParsesAndLeadsToItsAction) {
  for (const Binding& binding : bindings())
    for (const std::string& name : key_names(binding)) {
      const auto key = name == "Leave" ? Result<Key>(kLeave) : parse_key(name);
      ASSERT_TRUE(key.ok()) << name;
      EXPECT_EQ(find_action(binding.mode, *key, kLeave), binding.action)
          << name << " is bound twice in " << mode_name(binding.mode);
    }
}

TEST(Keymap, NoKeyIsBoundTwiceInAMode) {
  std::set<std::pair<Mode, std::string>> seen;
  for (const Binding& binding : bindings())
    for (const std::string& name : key_names(binding))
      EXPECT_TRUE(seen.emplace(binding.mode, name).second) << name;
}

TEST(Keymap, EveryActionCanBeReached) {
  std::set<Action> reached;
  for (const Binding& binding : bindings()) reached.insert(binding.action);
  for (int i = 0; i <= static_cast<int>(Action::submit); ++i)
    EXPECT_TRUE(reached.count(static_cast<Action>(i)) > 0) << i;
}

TEST(Keymap, NamesForThePaletteAreUnique) {
  std::map<std::string_view, Action> names;
  for (const Binding& binding : bindings()) {
    if (binding.mode != Mode::navigate) continue;
    EXPECT_TRUE(names.emplace(binding.name, binding.action).second) << binding.name;
    EXPECT_FALSE(binding.help.empty());
  }
}

TEST(Keymap, InInputOnlyTheLeaveKeyIsKept) {
  for (const Binding& binding : bindings())
    for (const std::string& name : key_names(binding)) {
      const auto key = parse_key(name);
      if (!key || same_key(*key, kLeave)) continue;
      EXPECT_EQ(find_action(Mode::input, *key, kLeave), std::nullopt) << name;
    }
  EXPECT_EQ(find_action(Mode::input, kLeave, kLeave), Action::leave);
}

TEST(Keymap, AnotherLeaveKeyIsTheLeaveKeyInBothModes) {
  const Key f12 = *parse_key("F12");
  EXPECT_EQ(find_action(Mode::input, f12, f12), Action::leave);
  EXPECT_EQ(find_action(Mode::navigate, f12, f12), Action::leave);
  EXPECT_EQ(find_action(Mode::input, kLeave, f12), std::nullopt);
}

TEST(Keymap, KeyNamesGoThereAndBack) {
  for (const char* name : {"Ctrl-]", "Alt-x", "Ctrl-Space", "F12", "PgUp", "Ctrl-Up", "é", "Shift-Tab"})
    EXPECT_EQ(key_name(*parse_key(name)), name);
  for (const char* name : {"", "Ctrl-", "Strg-x", "abc", "\x01"})
    EXPECT_FALSE(parse_key(name).ok()) << name;
}

TEST(Keymap, DocsAreMadeFromTheTable) {
  const std::string path = std::string(BDSH_TEST_DATA) + "/../../docs/keys.md";
  if (std::getenv("BDSH_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << keys_as_markdown();
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), keys_as_markdown()) << "run the tests with BDSH_UPDATE_GOLDEN=1";
}

TEST(Keymap, MdocIsBalanced) {
  const std::string text = keys_as_mdoc();
  std::size_t open = 0;
  std::size_t closed = 0;
  for (std::size_t at = 0; (at = text.find(".Bl ", at)) != std::string::npos; ++at) ++open;
  for (std::size_t at = 0; (at = text.find(".El\n", at)) != std::string::npos; ++at) ++closed;
  EXPECT_GT(open, 5U);
  EXPECT_EQ(open, closed);
}

}  // namespace
}  // namespace bdsh::tui
