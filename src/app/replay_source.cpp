#include <utility>
// Boost 1.74's headers lack <utility>.
#include <boost/asio/post.hpp>

#include "app/replay_source.hpp"

#include <algorithm>
#include <cmath>

#include "run/files.hpp"

namespace bdsh::app {
namespace {

constexpr std::chrono::milliseconds kTurn{33};
constexpr std::size_t kTurnBytes = 1U << 20U;  // played between two looks at the keyboard
constexpr std::size_t kFillBytes = 1U << 20U;
constexpr Micros kLeap{5'000'000};
constexpr double kSlowest = 1.0 / 16;
constexpr double kFastest = 1024;

}  // namespace

ReplaySource::ReplaySource(boost::asio::io_context& loop, run::RunTape& tape, RunState& state,
                           EventLog& events, std::optional<run::ReplayIndex> index, Files files,
                           std::function<void()> changed, std::function<void(std::string)> say)
    : loop_(loop),
      tape_(tape),
      state_(state),
      deck_(tape, state, &events),
      index_(std::move(index)),
      files_(std::move(files)),
      changed_(std::move(changed)),
      say_(std::move(say)),
      timer_(loop) {
  if (index_) deck_.set_index(&*index_);
}

ReplaySource::~ReplaySource() {
  progress_.cancelled = true;
  if (thread_.joinable()) thread_.join();
}

// A tape of its own: nothing is shared with the one that plays.
void ReplaySource::start() {
  if (!index_)
    thread_ = std::thread([this] {
      std::optional<run::ReplayIndex> made;
      std::string problem;
      auto tape = run::RunTape::open(files_.directory);
      if (tape) made = make_replay_index(**tape, files_.hosts, files_.options, progress_);
      if (made)
        if (const Status kept = run::write_replay_index((*tape)->directory(), *made); !kept)
          problem = "the index is not kept: " + kept.error().message;
      boost::asio::post(loop_, [this, made = std::move(made), problem]() mutable {
        index_made(std::move(made), std::move(problem));
      });
    });
  if (!tape_.timed()) {
    say_("this run has no times: everything is shown at once");
    deck_.jump(tape_.end());
    playing_ = false;
  }
  anchor();
  turn();
}

void ReplaySource::stop(std::function<void()> done) {
  stopped_ = true;
  progress_.cancelled = true;
  timer_.cancel();
  if (thread_.joinable()) thread_.join();
  done();
}

Status ReplaySource::set_keep(bool) {
  return Error{ErrorKind::usage, "replaying a run: its logs are kept until they are removed"};
}

void ReplaySource::index_made(std::optional<run::ReplayIndex> index, std::string problem) {
  if (stopped_ || !index) return;
  index_ = std::move(index);
  deck_.set_index(&*index_);
  if (!problem.empty()) say_(problem);
  if (std::exchange(to_difference_, false))
    if (std::string said = go_to_difference(); !said.empty()) say_(std::move(said));
  if (const auto goal = std::exchange(goal_, std::nullopt)) (void)go_to(*goal);
  shown();
}

// ---- playing ------------------------------------------------------------------------------------

void ReplaySource::anchor() {
  anchor_time_ = Clock::now();
  anchor_at_ = deck_.at();
}

void ReplaySource::shown() {
  ++pictures_;
  changed_();
}

void ReplaySource::arm(std::chrono::milliseconds delay) {
  timer_.expires_after(delay);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) turn();
  });
}

void ReplaySource::turn() {
  if (stopped_) return;
  const bool filled = deck_.fill(std::exchange(wanted_, HostSet()), kFillBytes) > 0;
  const bool played = playing_;  // the turn that comes to the end is shown too
  if (played) play_on();
  if (filled || played || !index_) shown();
  arm(filled ? std::chrono::milliseconds(1) : kTurn);
}

// What does not keep up with the speed plays as fast as it can, and goes on from there.
void ReplaySource::play_on() {
  const auto passed = std::chrono::duration<double, std::micro>(Clock::now() - anchor_time_);
  const Micros to =
      std::min(tape_.end(), anchor_at_ + Micros(std::llround(passed.count() * speed_)));
  if (!deck_.play(to, kTurnBytes)) anchor();
  if (deck_.ended()) playing_ = false;
}

// ---- commands -----------------------------------------------------------------------------------

std::optional<tui::ReplayView> ReplaySource::replay_view() const {
  tui::ReplayView view{deck_.at(), tape_.end(), speed_, playing_, {}};
  if (!index_ && !deck_.can_jump())
    view.busy = "reading " +
                std::to_string(progress_.bytes * 100 / std::max<std::uint64_t>(1, tape_.bytes())) +
                " %";
  return view;
}

std::string ReplaySource::go_to(Micros to) {
  to = std::clamp(to, Micros(0), tape_.end());
  if (!deck_.can_jump()) {
    goal_ = to;
    return "as soon as the run has been read once";
  }
  deck_.jump(to);
  deck_.fill({}, kFillBytes);
  if (deck_.ended()) playing_ = false;
  anchor();
  shown();
  return {};
}

std::string ReplaySource::go_to_round(bool later) {
  std::vector<Micros> begins{Micros(0)};
  for (const run::TapeMark& mark : tape_.marks())
    if (mark.round > 0) begins.push_back(mark.at);
  if (later) {
    const auto next = std::upper_bound(begins.begin(), begins.end(), deck_.at());
    return next == begins.end() ? "this is the last round" : go_to(*next);
  }
  // To the beginning of this round, or of the one before when that is near.
  constexpr Micros kNear{1'000'000};
  auto here = std::upper_bound(begins.begin(), begins.end(), deck_.at()) - 1;
  if (here != begins.begin() && deck_.at() - *here < kNear) --here;
  return go_to(*here);
}

std::string ReplaySource::go_to_difference() {
  if (!index_) {
    to_difference_ = true;
    return "as soon as the run has been read once";
  }
  if (!index_->first_difference) return "the hosts never diverged";
  playing_ = false;
  return go_to(*index_->first_difference);
}

void ReplaySource::change_speed(bool faster) {
  speed_ = std::clamp(faster ? speed_ * 2 : speed_ / 2, kSlowest, kFastest);
  anchor();
}

std::string ReplaySource::replay(const tui::Replay& command) {
  goal_.reset();
  to_difference_ = false;
  std::string said;
  switch (command.what) {
    case What::pause:
      if (!playing_ && deck_.ended()) said = go_to(Micros(0));
      playing_ = !playing_;
      anchor();
      break;
    case What::faster: change_speed(true); break;
    case What::slower: change_speed(false); break;
    case What::earlier: said = go_to(deck_.at() - kLeap); break;
    case What::later: said = go_to(deck_.at() + kLeap); break;
    case What::round_before: said = go_to_round(false); break;
    case What::round_after: said = go_to_round(true); break;
    case What::first_difference: said = go_to_difference(); break;
    case What::to: {
      const auto to = parse_moment(command.moment, deck_.at(), tape_.end());
      said = to ? go_to(*to) : "no moment: write 90, 1:30, 50%, +10 or -10";
      break;
    }
  }
  shown();
  return said;
}

// ---- moments ------------------------------------------------------------------------------------

namespace {

// A number without sign or exponent, to the end of `text`.
std::optional<double> plain_number(std::string_view text) {
  if (text.empty() || text.size() > 15 ||
      text.find_first_not_of("0123456789.") != std::string_view::npos ||
      std::count(text.begin(), text.end(), '.') > 1 || text == ".")
    return std::nullopt;
  return std::stod(std::string(text));
}

std::optional<double> seconds_of(std::string_view text) {
  double seconds = 0;
  for (int parts = 1;; ++parts) {
    const std::size_t colon = text.find(':');
    const auto part = plain_number(text.substr(0, colon));
    if (!part || parts > 3) return std::nullopt;
    seconds = seconds * 60 + *part;
    if (colon == std::string_view::npos) return seconds;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

std::optional<Micros> parse_moment(std::string_view text, Micros now, Micros end) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const char sign = text.empty() ? ' ' : text.front();
  if (sign == '+' || sign == '-') text.remove_prefix(1);
  const bool share = text.ends_with('%');
  if (share) text.remove_suffix(1);
  const auto number = share ? plain_number(text) : seconds_of(text);
  if (!number || (share && *number > 100)) return std::nullopt;
  const double total = std::chrono::duration<double>(end).count();
  const double seconds = std::min(share ? total * *number / 100 : *number, total + 1);
  const Micros length(std::llround(seconds * 1e6));
  const Micros at = sign == '+' ? now + length : sign == '-' ? now - length : length;
  return std::clamp(at, Micros(0), end);
}

}  // namespace bdsh::app
