// -H @FILE: one expression a line, errors that name file and line, groups before files.
#include "config/host_file.hpp"

#include <gmock/gmock.h>

#include "config/options.hpp"
#include "config/settings.hpp"
#include "config/support.hpp"

namespace bdsh::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class HostFileTest : public testing::Test {
 protected:
  std::vector<std::string> names(const std::vector<std::string>& arguments) {
    const auto settings = load(arguments, quiet_environment(folder_), "1.0");
    if (!settings) return {"!! " + settings.error().message};
    std::vector<std::string> out;
    for (const HostSpec& host : settings->hosts) out.push_back(host.expression);
    return out;
  }
  std::string error(const std::string& text) {
    const std::string list = folder_.write("list", text);
    const auto settings = load({"-H", "@" + list}, quiet_environment(folder_), "1.0");
    return settings ? "no error" : settings.error().message;
  }
  TemporaryFolder folder_;
};

TEST_F(HostFileTest, LinesCommentsAndExpressions) {
  const std::string list = folder_.write(
      "list", "# of yesterday\n\n  web[01-02]  # two\r\ndeploy@10.0.0.7:2222,[::1]:22\nweb01");
  EXPECT_THAT(names({"-H", "@" + list}),
              ElementsAre("web01", "web02", "deploy@10.0.0.7:2222", "[::1]:22"));
  EXPECT_THAT(names({"-H", "@" + list, "-H", "db1", "-x", "web*"}),
              ElementsAre("deploy@10.0.0.7:2222", "[::1]:22", "db1"));
}

TEST_F(HostFileTest, ErrorsNameFileAndLine) {
  EXPECT_THAT(error("a\nb\nweb[1-\n"), HasSubstr("/list:3: host expression 'web[1-'"));
  EXPECT_THAT(error("a\n@nogroup\n"), HasSubstr("/list:2: host expression '@nogroup'"));
  EXPECT_THAT(error("a\n@./other\n"), HasSubstr("/list:2: "));  // no files of files
  EXPECT_THAT(error("# nothing\n"), HasSubstr("names no host"));
  EXPECT_THAT(error(""), HasSubstr("names no host"));
  EXPECT_THAT(error(std::string("a\0b\n", 4)), HasSubstr("/list:1: this is no text file"));
  EXPECT_THAT(error("[1-99999]\n[1-99999]a\n"), HasSubstr("/list:2: the file names more than"));
  EXPECT_THAT(names({"-H", "@/no/such"}), ElementsAre(HasSubstr("/no/such: ")));
  EXPECT_THAT(names({"-H", "@nosuch"}), ElementsAre(HasSubstr("no such file either")));
}

TEST_F(HostFileTest, AGroupOfTheNameWins) {
  const auto environment = quiet_environment(folder_);
  const auto groups = [](const std::string& name) { return name == "web"; };
  EXPECT_EQ(host_file_path("@web", environment, groups), std::nullopt);
  EXPECT_EQ(host_file_path("@./web", environment, groups), "./web");
  EXPECT_EQ(host_file_path("@~/web", environment, groups), environment.home() + "/web");
  EXPECT_EQ(host_file_path("@no-such-file", environment, groups), std::nullopt);
  EXPECT_EQ(host_file_path("web", environment, groups), std::nullopt);
}

TEST_F(HostFileTest, AHostIsNamedAsItWillBeFoundAgain) {
  const std::string config = folder_.write(
      "c.yaml",
      "clusters:\n  db:\n    nodes:\n      - {host: 10.0.0.1, name: db-one, port: 2201}\n"
      "      - {host: 10.0.0.2, name: 'db[2]', user: amy}\n      - 'db[3-4]'\n");
  const std::vector<std::string> first = names({"--config", config, "-g", "db"});
  EXPECT_THAT(first, ElementsAre("db-one", "10.0.0.2", "db3", "db4"));
  std::string text;
  for (const std::string& name : first) text += name + "\n";
  const std::string list = folder_.write("again", text);
  const auto again =
      load({"--config", config, "-H", "@" + list}, quiet_environment(folder_), "1.0");
  ASSERT_TRUE(again) << again.error().message;
  const auto before = load({"--config", config, "-g", "db"}, quiet_environment(folder_), "1.0");
  ASSERT_EQ(again->hosts.size(), before->hosts.size());
  for (std::size_t i = 0; i < again->hosts.size(); ++i) {
    EXPECT_EQ(again->hosts[i].name, before->hosts[i].name);
    EXPECT_EQ(again->hosts[i].port, before->hosts[i].port);
    EXPECT_EQ(again->hosts[i].user, before->hosts[i].user);
    EXPECT_EQ(again->hosts[i].group, "db");
  }
}

TEST(SaveHostsOption, SaysWhichHosts) {
  const auto options = parse_options(
      {"-H", "a", "--save-hosts", "x", "--save-hosts", "failed:y", "--save-hosts", "agree:/z"}, {});
  ASSERT_TRUE(options) << options.error().message;
  using Which = SaveHosts::Which;
  EXPECT_THAT(options->save_hosts,
              ElementsAre(SaveHosts{Which::odd, "x"}, SaveHosts{Which::failed, "y"},
                          SaveHosts{Which::agree, "/z"}));
  EXPECT_FALSE(parse_options({"--save-hosts", "failed:"}, {}));
  EXPECT_FALSE(parse_options({"--save-hosts", "folder/"}, {}));
}

}  // namespace
}  // namespace bdsh::config
