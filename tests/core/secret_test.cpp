#include "core/secret.hpp"

#include <gtest/gtest.h>

#include <type_traits>

namespace bdsh {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);

// The secret's buffer may be looked at as long as the object is there: nothing was freed.
bool wiped(const char* bytes, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    if (bytes[i] != 0) return false;
  return true;
}

TEST(Secret, IsWipedInPlace) {
  Secret secret("a long enough passphrase not to fit inline");
  const char* bytes = secret.c_str();
  const std::size_t size = secret.size();
  secret.wipe();
  EXPECT_TRUE(secret.empty());
  EXPECT_TRUE(wiped(bytes, size));
}

TEST(Secret, MovingLeavesNothingBehindShortOrLong) {
  for (const char* text : {"short", "a long enough passphrase not to fit inline"}) {
    Secret from(text);
    const char* bytes = from.c_str();
    const std::size_t size = from.size();
    const Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), text);
    EXPECT_TRUE(from.empty());  // NOLINT: what is left is what is tested
    EXPECT_TRUE(wiped(bytes, size));
    Secret assigned("old");
    assigned = to.clone();
    EXPECT_EQ(assigned.reveal(), text);
  }
}

TEST(Secret, GrowsByTypingAndShrinksByCharacters) {
  Secret secret;
  std::string expected;
  for (int i = 0; i < 500; ++i) {
    secret.append("x\u00E9");
    expected += "x\u00E9";
  }
  EXPECT_EQ(secret.reveal(), expected);
  secret.pop_back_utf8();
  secret.pop_back_utf8();
  EXPECT_EQ(secret.reveal(), expected.substr(0, expected.size() - 3));
  Secret empty;
  empty.pop_back_utf8();
  EXPECT_TRUE(empty.empty());
}

}  // namespace
}  // namespace bdsh
