// A run directory played again with its own timing: pause, speed, jumps. The index that makes jumps
// quick is read when it is there, else made on a thread meanwhile and kept in the directory.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>

#include "app/event_log.hpp"
#include "app/replay_deck.hpp"
#include "app/replay_indexer.hpp"
#include "app/untyped_source.hpp"

namespace bdsh::app {

class ReplaySource final : public RecordedSource {
 public:
  // All references outlive the source; `changed` is called after each change of `state`, `say` with
  // what the user is to know. `index` is the run's if it was there; else one is made from `files`.
  struct Files {
    std::string directory;
    std::vector<RunHost> hosts;
    RunOptions options;  // with the seed that `state` has
  };
  ReplaySource(boost::asio::io_context& loop, run::RunTape& tape, RunState& state,
               EventLog& events, std::optional<run::ReplayIndex> index, Files files,
               std::function<void()> changed, std::function<void(std::string)> say);
  ~ReplaySource() override;

  void start() override;
  void stop(std::function<void()> done) override;
  bool ended() const override { return deck_.ended(); }
  Status set_keep(bool) override;
  bool keep() const override { return true; }
  std::optional<tui::ReplayView> replay_view() const override;
  std::string replay(const tui::Replay& command) override;
  std::uint64_t pictures() const override { return pictures_; }
  void want_whole(HostId host) override { wanted_.add(host); }

 private:
  using What = tui::Replay::What;

  void turn();
  void arm(std::chrono::milliseconds delay);
  void play_on();
  void anchor();
  std::string go_to(Micros to);
  std::string go_to_round(bool later);
  std::string go_to_difference();
  void change_speed(bool faster);
  void shown();
  void index_made(std::optional<run::ReplayIndex> index, std::string problem);

  boost::asio::io_context& loop_;
  run::RunTape& tape_;
  RunState& state_;
  ReplayDeck deck_;
  std::optional<run::ReplayIndex> index_;
  Files files_;
  std::function<void()> changed_;
  std::function<void(std::string)> say_;
  boost::asio::steady_timer timer_;

  bool playing_ = true;
  bool stopped_ = false;
  double speed_ = 1;
  Clock::time_point anchor_time_;  // the wall's, when the run's was …
  Micros anchor_at_{0};            // … this
  std::optional<Micros> goal_;     // of a jump that waits for the index
  bool to_difference_ = false;     // and so does this one
  HostSet wanted_;                 // whose whole output is asked for
  std::uint64_t pictures_ = 0;

  IndexProgress progress_;
  std::thread thread_;
};

// A moment as people write it: "90", "1:30", "1:02:03.5", "50%", "+10", "-10"; nothing when it is
// none. Not beyond the run's ends.
std::optional<Micros> parse_moment(std::string_view text, Micros now, Micros end);

}  // namespace bdsh::app
