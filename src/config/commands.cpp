#include "config/commands.hpp"

#include <algorithm>
#include <iterator>

namespace bdsh::config {
namespace {

constexpr Command kCommands[] = {
    {Job::run, "", "", 0, 0, Operand::none, true, true, "shells, or COMMAND, on every host at once",
     "  bdsh-tui -g web                      live shells on all hosts of group 'web'\n"
     "  bdsh-tui -H 'web[01-20]' -x web07 -- systemctl status nginx\n"
     "  bdsh-tui -g web --batch -- uptime    no dashboard: one folded report on stdout\n"},
    {Job::runs, "runs", "", 0, 0, Operand::none, false, false,
     "live and kept runs: hosts, age, agreement, who waits", ""},
    {Job::show, "show", "RUN", 1, 1, Operand::run, false, false, "a run's folded report",
     "  bdsh-tui show last\n  bdsh-tui show 20261122-101500-web --json\n"},
    {Job::diff, "diff", "RUN1 RUN2 [HOST...]", 2, kAnyNumber, Operand::run, false, false,
     "what changed on the hosts from one run to another",
     "  bdsh-tui diff 20261121-101500-web last\n"},
    {Job::export_, "export", "RUN [HOST]", 1, 2, Operand::run, false, false,
     "a report as a document; a host as text, recording or picture",
     "  bdsh-tui export last --report html -O report.html\n"
     "  bdsh-tui export last web03 --asciicast -O web03.cast\n"},
    {Job::rm, "rm", "RUN...", 1, kAnyNumber, Operand::run, false, false, "remove kept runs", ""},
    {Job::prune, "prune", "", 0, 0, Operand::none, false, false, "remove old runs",
     "  bdsh-tui prune --older-than 30d --keep-last 20\n"},
    {Job::watch, "watch", "RUN", 1, 1, Operand::run, false, false,
     "the same dashboard on a run directory, without a network",
     "  bdsh-tui watch ~/.local/state/bdsh/runs/20261122-101500-web\n"
     "  bdsh-tui watch --replay last         with the run's own timing\n"},
    {Job::ping, "ping", "", 0, 0, Operand::none, true, false,
     "log in to every host and leave again: how long each step takes",
     "  bdsh-tui ping -g web                 a line for each host\n"
     "  bdsh-tui ping -a --json | jq '.hosts[] | select(.state != \"ok\") | .name'\n"},
    {Job::list, "list", "[GROUP...]", 0, kAnyNumber, Operand::group, false, false,
     "the groups and their hosts, or the hosts that are chosen",
     "  bdsh-tui list                        every group with its hosts\n"
     "  bdsh-tui list web                    the hosts of web, and how each would be entered\n"
     "  bdsh-tui list -H 'web[01-20]!web07' --names\n"},
    {Job::attach, "attach", "[RUN]", 0, 1, Operand::run, false, false,
     "take up a run that goes on elsewhere, or was left behind",
     "  bdsh-tui attach                      the only run there is\n"
     "  bdsh-tui attach web --read-only      look on without a keyboard\n"},
    {Job::ctl, "ctl", "RUN COMMAND [WORD...]", 2, kAnyNumber, Operand::run, false, true,
     "drive a live run, ask it, listen to it",
     "  bdsh-tui ctl web status              one line of JSON\n"
     "  bdsh-tui ctl web send all uptime     to every live host, with Enter\n"
     "  bdsh-tui ctl web send web03 -- ls -l\n"
     "  bdsh-tui ctl web events              what happens, until the run ends\n"},
    {Job::upload, "upload", "SRC... DEST", 2, kAnyNumber, Operand::file, true, false,
     "files of this machine to every host at once",
     "  bdsh-tui upload -g web nginx.conf /etc/nginx/\n"
     "  bdsh-tui upload -g web -r --preserve site /srv/www\n"
     "  bdsh-tui upload -g web 'keys/{host}.pem' /etc/ssl/private/host.pem\n"},
    {Job::download, "download", "SRC... DESTDIR", 2, kAnyNumber, Operand::directory, true, false,
     "files of every host, into one directory per host",
     "  bdsh-tui download -g web /etc/hosts '/var/log/*.log' logs\n"
     "  bdsh-tui download -g web -r --resume /srv/data backup\n"},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command& command_of(Job job) {
  const auto found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                  [job](const Command& command) { return command.job == job; });
  return found == std::end(kCommands) ? kCommands[0] : *found;
}

const Command* find_command(std::string_view name) {
  const auto found = std::find_if(
      std::begin(kCommands), std::end(kCommands),
      [name](const Command& command) { return !name.empty() && command.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

}  // namespace bdsh::config
