#include "app/copy_out.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace bdsh::app {
namespace {

// RFC 4648 §10.
TEST(HostsClipboard, HoldsNothingUnseen) {
  EXPECT_EQ(hosts_clipboard("Zm9vYmFy"), "foobar");
  EXPECT_EQ(hosts_clipboard("YQliCmMbWzNtDX8="), "a\tb\nc[3m");  // ESC, CR and DEL are gone
  EXPECT_EQ(hosts_clipboard("Gw=="), std::nullopt);
  EXPECT_EQ(hosts_clipboard("not base64"), std::nullopt);
}

TEST(Clipboard, IsOsc52WithTheTextInBase64) {
  EXPECT_EQ(clipboard_sequence(""), "\x1b]52;c;\a");
  EXPECT_EQ(clipboard_sequence("f"), "\x1b]52;c;Zg==\a");
  EXPECT_EQ(clipboard_sequence("fo"), "\x1b]52;c;Zm8=\a");
  EXPECT_EQ(clipboard_sequence("foobar"), "\x1b]52;c;Zm9vYmFy\a");
  EXPECT_EQ(clipboard_sequence("\x1b\xff\n"), "\x1b]52;c;G/8K\a");
}

class CopyCommand : public testing::Test {
 protected:
  Status run(const std::vector<std::string>& argv, const std::string& text) {
    boost::asio::io_context loop;
    std::optional<Status> ended;
    const Status started = start_with_input(loop, argv, text, [&](Status how) { ended = std::move(how); });
    if (!started.ok()) return started;
    loop.run();
    return ended ? *ended : Status(Error{ErrorKind::internal, "never ended"});
  }
};

TEST_F(CopyCommand, GetsTheTextOnItsStandardInput) {
  const std::string file = testing::TempDir() + "bdsh-copy-" + std::to_string(::getpid());
  std::string text = "line\n";
  while (text.size() < 1'000'000) text += text;  // more than a pipe holds
  EXPECT_TRUE(run({"sh", "-c", "cat > \"$0\"", file}, text).ok());
  std::ifstream in(file);
  std::ostringstream got;
  got << in.rdbuf();
  EXPECT_EQ(got.str().size(), text.size());
  EXPECT_EQ(got.str(), text);
  std::filesystem::remove(file);
}

TEST_F(CopyCommand, WordsAreNotReadByAShell) {
  EXPECT_TRUE(run({"test", "$HOME;false", "=", "$HOME;false"}, "").ok());
}

TEST_F(CopyCommand, FailuresNameIt) {
  EXPECT_THAT(run({"bdsh-no-such-command"}, "x").error().message,
              testing::StartsWith("bdsh-no-such-command: "));
  EXPECT_EQ(run({"sh", "-c", "exit 3"}, "x").error().message, "sh: exit status 3");
}

}  // namespace
}  // namespace bdsh::app
