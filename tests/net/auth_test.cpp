// Logging in as transcripts: which method next, what a server's questions become, who gets which
// answer.
#include <gtest/gtest.h>

#include "net/auth_broker.hpp"
#include "net/auth_plan.hpp"
#include "net/interview.hpp"

namespace bdsh::net {
namespace {

using Try = Attempt::Kind;

const KeyFile kReady{"id", KeyState::usable, {}};
const KeyFile kLocked{"locked", KeyState::encrypted, {}};

// ---- the plan

TEST(AuthPlan, AsksOnlyWhenTheServerTakesIt) {
  AuthPlan plan("deploy", {}, false);
  EXPECT_EQ(plan.next().kind, Try::none);
  plan.server_takes("publickey,password");
  const Attempt ask = plan.next();
  EXPECT_EQ(ask.kind, Try::password);
  EXPECT_EQ(ask.prompt.kind, Prompt::Kind::password);
  EXPECT_EQ(ask.prompt.text, "password for deploy");
  EXPECT_TRUE(ask.prompt.shared);
}

TEST(AuthPlan, FollowsOpenSshsOrder) {
  AuthPlan plan("u", {kReady}, false, {.gssapi = true});
  EXPECT_EQ(plan.next().kind, Try::gssapi);
  plan.server_takes("publickey,gssapi-with-mic,password,keyboard-interactive");
  EXPECT_EQ(plan.next().kind, Try::key);
  EXPECT_EQ(plan.next().kind, Try::interactive);
  EXPECT_EQ(plan.next().kind, Try::interactive);
  EXPECT_EQ(plan.next().kind, Try::interactive);
  EXPECT_EQ(plan.next().kind, Try::password);
}

// Debian's ssh_config switches Kerberos on for everybody.
TEST(AuthPlan, WithoutATicketTheRestIsAsIfKerberosWereOff) {
  AuthPlan plan("u", {kReady}, false, {.gssapi = true});
  EXPECT_EQ(plan.next().kind, Try::gssapi);
  plan.server_takes("");  // nothing was sent
  EXPECT_EQ(plan.next().kind, Try::key);
  plan.server_takes("publickey");
  EXPECT_EQ(plan.next().error.message,
            "login as u refused: 1 key tried; the server takes publickey");
}

TEST(AuthPlan, FollowsThePreferredOrder) {
  AuthPlan plan("u", {kReady}, false, {.preferred = "password,hostbased,publickey"});
  EXPECT_EQ(plan.next().kind, Try::none);
  plan.server_takes("publickey,password,keyboard-interactive");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(plan.next().kind, Try::password);
  EXPECT_EQ(plan.next().kind, Try::key);
  EXPECT_EQ(plan.next().error.message,
            "login as u refused: 1 key tried, password refused 3 times; the server takes "
            "publickey,password,keyboard-interactive");
}

TEST(AuthPlan, AWrongPasswordIsAskedAgainInOtherWords) {
  AuthPlan plan("u", {}, false, {.password_prompts = 2});
  plan.next();
  plan.server_takes("password");
  EXPECT_EQ(plan.next().prompt.text, "password for u");
  EXPECT_EQ(plan.next().prompt.text, "wrong password, again for u");
  EXPECT_EQ(plan.next().kind, Try::give_up);
}

TEST(AuthPlan, WhatTheUserDoesNotAnswerIsNotAskedAgain) {
  AuthPlan plan("u", {}, false);
  plan.next();
  plan.server_takes("keyboard-interactive,password");
  EXPECT_EQ(plan.next().kind, Try::interactive);
  plan.skip("no answer given");
  EXPECT_EQ(plan.next().kind, Try::password);
  plan.skip("no password given");
  EXPECT_EQ(plan.next().error.message,
            "login as u refused: it takes no keys, no answer given, no password given; the server "
            "takes keyboard-interactive,password");
}

TEST(AuthPlan, NothingIsAskedWhereNobodyCanAnswer) {
  AuthPlan plan("u", {kLocked}, false, {.may_ask = false, .mute = "no terminal"});
  EXPECT_EQ(plan.next().kind, Try::none);
  plan.server_takes("publickey,password");
  EXPECT_EQ(plan.next().error.message,
            "login as u refused: no usable key; nobody to ask: no terminal; the server takes "
            "publickey,password");
}

TEST(AuthPlan, ALockedKeyIsProbedBeforeItsPassphraseIsAskedFor) {
  AuthPlan plan("u", {kLocked}, false);
  plan.set_state(0, KeyState::encrypted, {}, 2);
  const Attempt certified = plan.next();
  EXPECT_EQ(certified.kind, Try::key);
  EXPECT_TRUE(certified.locked && certified.probe);
  plan.server_takes("publickey,password");
  EXPECT_EQ(plan.next().form, 1U);
  plan.key_wanted(0);
  EXPECT_EQ(plan.next().kind, Try::ask);
  plan.set_state(0, KeyState::usable, {}, 2);
  EXPECT_EQ(plan.next().kind, Try::key);
}

TEST(AuthPlan, ALockedKeyThatTheServerDoesNotWantIsLeft) {
  AuthPlan plan("u", {kLocked}, false);
  EXPECT_TRUE(plan.next().locked);
  plan.server_takes("publickey,password");
  EXPECT_EQ(plan.next().kind, Try::password);
}

TEST(AuthPlan, AServerMayWantTwoMethods) {
  AuthPlan plan("u", {kReady, {"other", KeyState::usable, {}}}, false);
  EXPECT_EQ(plan.next().key, 0U);
  plan.partly_in("publickey,keyboard-interactive");
  EXPECT_EQ(plan.next().key, 1U);  // another key, not the same one
  plan.server_takes("keyboard-interactive");
  EXPECT_EQ(plan.next().kind, Try::interactive);
}

TEST(AuthPlan, ANewConnectionGoesOnWhereTheOldOneWasCut) {
  AuthPlan plan("u", {kReady, {"other", KeyState::usable, {}}}, false);
  plan.next();
  plan.server_takes("publickey,password");
  EXPECT_EQ(plan.next().key, 1U);
  plan.reconnected();
  EXPECT_EQ(plan.next().key, 1U);  // it was not judged; the first one was refused
  EXPECT_EQ(plan.next().kind, Try::password);
  EXPECT_TRUE(plan.crowded());
  plan.reconnected();
  EXPECT_FALSE(plan.crowded());
  EXPECT_FALSE(plan.next().again);
}

TEST(AuthPlan, NamesAMethodThatIsLeftOut) {
  AuthPlan plan("u", {}, false, {.preferred = "none"});
  EXPECT_EQ(plan.next().error.message,
            "cannot log in as u: PreferredAuthentications (none) leaves out every method");
}

TEST(AuthPlan, AServerThatAsksNothingIsNotAskedToAskAgain) {
  AuthPlan plan("u", {}, false);
  plan.next();
  plan.server_takes("keyboard-interactive");
  EXPECT_EQ(plan.next().kind, Try::interactive);
  plan.nothing_asked();
  EXPECT_EQ(plan.next().error.message,
            "login as u refused: it takes no keys; the server takes keyboard-interactive");
}

// ---- a server's questions

Prompt asked(const std::string& text, bool echo = false, const std::string& instruction = "") {
  return *Interview("deploy", {"", instruction, {{text, echo}}}, false).next();
}

TEST(Interview, APlainPasswordPromptIsTheSameQuestionEverywhere) {
  for (const char* text : {"Password:", "Password: ", "password", "(deploy@web03) Password: ",
                           "deploy@web03's password: "}) {
    const Prompt prompt = asked(text);
    EXPECT_EQ(prompt.kind, Prompt::Kind::password) << text;
    EXPECT_TRUE(prompt.shared) << text;
    EXPECT_EQ(prompt.says, "") << text;
    EXPECT_EQ(prompt.text, "password for deploy") << text;
  }
}

TEST(Interview, AnotherPasswordPromptIsSharedInTheHostsWords) {
  const Prompt prompt = asked("LDAP Password:");
  EXPECT_EQ(prompt.kind, Prompt::Kind::challenge);
  EXPECT_TRUE(prompt.shared);
  EXPECT_EQ(prompt.says, "LDAP Password:");
  EXPECT_EQ(asked("Password:", false, "Welcome").says, "Welcome\nPassword:");
}

TEST(Interview, CodesAndNewPasswordsAreEachHostsOwn) {
  for (const char* text : {"Verification code: ", "One-time password:", "OTP Password:", "PIN:",
                           "New password: ", "Retype new password: ", "Current password:",
                           "Passcode or option (1-3): ", "", "Enter anything:"})
    EXPECT_FALSE(asked(text).shared) << text;
  EXPECT_FALSE(asked("Password:", true).shared);  // echoed: no password
}

TEST(Interview, SeveralQuestionsAreAskedOneByOneAndSharedWithNobody) {
  Interview interview("u", {"Login", "Two steps", {{"Password:", false}, {"Code:", true}}}, false);
  const Prompt first = *interview.next();
  EXPECT_FALSE(first.shared);
  EXPECT_EQ(first.says, "Login\nTwo steps\nPassword:");
  interview.answer(Secret("a"));
  const Prompt second = *interview.next();
  EXPECT_TRUE(second.echo);
  interview.answer(Secret("b"));
  EXPECT_FALSE(interview.next());
  const auto answers = interview.take_answers();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].reveal(), "a");
  EXPECT_EQ(answers[1].reveal(), "b");
}

TEST(Interview, ARequestWithoutQuestionsIsAnsweredAtOnce) {
  EXPECT_FALSE(Interview("u", {"", "Just so you know", {}}, false).next());
}

TEST(Interview, TheHostsWordsAreBoundedAndHarmless) {
  std::string flood;
  for (int i = 0; i < 1'000; ++i) flood += "line " + std::to_string(i) + "\n";
  const Prompt prompt = asked("\x1b[2J\x1b]0;x\x07 code\a:", true, flood + std::string(100'000, 'x'));
  EXPECT_EQ(prompt.says.find('\x1b'), std::string::npos);
  EXPECT_LT(prompt.says.size(), 8'000U);
  EXPECT_NE(prompt.says.find("code"), std::string::npos);  // not crowded out
}

// ---- answers

class Broker : public ::testing::Test {
 protected:
  static Prompt password(const std::string& user = "deploy") {
    Prompt prompt;
    prompt.kind = Prompt::Kind::password;
    prompt.subject = user;
    prompt.text = "password for " + user;
    return prompt;
  }
  static Prompt code() {
    Prompt prompt;
    prompt.kind = Prompt::Kind::challenge;
    prompt.says = "Code:";
    prompt.shared = false;
    return prompt;
  }
  std::string take(std::uint32_t host, const Prompt& question) {
    const Answer answer = broker_.take(HostId{host}, question);
    return answer ? std::string(answer->reveal()) : "(ask)";
  }
  void type(std::initializer_list<std::uint32_t> hosts, const Prompt& question, const char* text,
            bool later) {
    const auto answer = std::make_shared<const Secret>(text);
    for (const std::uint32_t host : hosts) broker_.give(HostId{host}, question, answer);
    if (later) broker_.remember(question, answer);
  }
  AuthBroker broker_;
};

TEST_F(Broker, OneAnswerServesThoseWhoAskNowAndLater) {
  EXPECT_EQ(take(0, password()), "(ask)");
  EXPECT_EQ(take(1, password()), "(ask)");
  type({0, 1}, password(), "x", true);
  EXPECT_EQ(take(0, password()), "x");
  EXPECT_EQ(take(2, password()), "x");
  EXPECT_EQ(take(3, password("root")), "(ask)");  // another question
  EXPECT_EQ(broker_.texts(), 1U);
}

TEST_F(Broker, AHostThatRefusedAnAnswerAsksAgainAndOnlyThatOne) {
  type({0, 1}, password(), "x", true);
  EXPECT_EQ(take(0, password()), "x");
  EXPECT_EQ(take(1, password()), "x");
  broker_.accepted(HostId{0});
  broker_.refused(HostId{1});
  EXPECT_EQ(take(1, password()), "(ask)");
  EXPECT_EQ(take(2, password()), "x");  // it is right somewhere
  type({1}, password(), "y", true);
  EXPECT_EQ(take(1, password()), "y");
}

TEST_F(Broker, AnAnswerThatWasOnlyRefusedIsTriedOnNobodyElse) {
  type({0}, password(), "typo", true);
  take(0, password());
  broker_.refused(HostId{0});
  EXPECT_EQ(take(1, password()), "(ask)");
}

TEST_F(Broker, AnAnswerForOneHostStaysThere) {
  type({0}, password(), "x", false);
  EXPECT_EQ(take(1, password()), "(ask)");
  EXPECT_EQ(take(0, password()), "x");
}

TEST_F(Broker, CodesAreUsedOnceAndNeverRemembered) {
  type({0}, code(), "123456", true);
  EXPECT_EQ(take(1, code()), "(ask)");
  EXPECT_EQ(take(0, code()), "123456");
  broker_.interrupted(HostId{0});  // not even on the next connection
  EXPECT_EQ(take(0, code()), "(ask)");
  EXPECT_EQ(broker_.texts(), 0U);
}

TEST_F(Broker, APasswordSurvivesALostConnection) {
  type({0}, password(), "x", false);
  EXPECT_EQ(take(0, password()), "x");
  broker_.interrupted(HostId{0});
  EXPECT_EQ(take(0, password()), "x");
}

TEST_F(Broker, KeepsNothingOnceEverybodyIsIn) {
  type({0}, password(), "x", true);
  take(0, password());
  broker_.accepted(HostId{0});
  EXPECT_EQ(broker_.texts(), 1U);
  broker_.forget();
  EXPECT_EQ(broker_.texts(), 0U);
  EXPECT_EQ(take(1, password()), "(ask)");
}

TEST_F(Broker, APasswordGivenBeforehandServesEveryHostUntilItRefusesIt) {
  broker_.preset(Secret("file"));
  EXPECT_EQ(take(0, password("root")), "file");
  EXPECT_EQ(take(0, code()), "(ask)");
  broker_.refused(HostId{0});
  EXPECT_EQ(take(0, password("root")), "(ask)");
  EXPECT_EQ(take(1, password("root")), "file");
  broker_.forget();
  EXPECT_EQ(take(2, password()), "file");
}

}  // namespace
}  // namespace bdsh::net
