#include <algorithm>
#include <boost/program_options.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "examples/sandbox/server.hpp"

namespace {

namespace po = boost::program_options;
using usher::sandbox::Options;
using usher::sandbox::Server;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Written beside and renamed: whoever waits for the file never reads half of it.
void write_ports(const std::string& path, const Server& server, const Options& options) {
  const std::string beside = path + ".new";
  std::ofstream file(beside);
  for (const std::string& platform : options.platforms)
    file << platform << '=' << server.port(platform) << '\n';
  file.close();
  if (!file || std::rename(beside.c_str(), path.c_str()) != 0)
    throw std::runtime_error("cannot write " + path);
}

/// What is given as a number and becomes something else.
struct Numbers {
  std::int64_t access = 0, refresh = 0;  ///< seconds
  std::int64_t users = 0;
};

po::options_description described(Options& options, Numbers& numbers) {
  po::options_description all(
      "usher-sandbox plays platforms on loopback, with faults on request.\n\nOptions");
  auto add = all.add_options();
  add("help", "this text");
  add("manual", "this text as a manual page");
  add("switches", "list what --set can set");
  add("platform", po::value(&options.platforms)->composing(),
      "play this platform (again for more; default mainflux)");
  add("host", po::value(&options.host)->default_value(options.host), "address to listen on");
  add("port", po::value(&options.port)->default_value(options.port),
      "port of the first platform, the others follow; 0: any free");
  add("port-file", po::value<std::string>(), "write platform=port lines to this file when listening");
  add("users", po::value(&numbers.users)->default_value(static_cast<std::int64_t>(options.users)),
      "how many users to invent");
  add("empty", "no users but the administrator");
  add("seed", po::value(&options.seed)->default_value(options.seed), "same seed, same world");
  add("load", po::value<std::string>(), "begin with the world in this JSON file");
  add("epoch", po::value<std::string>(), "stamp records from this time on, a millisecond each: reproducible");
  add("admin-identity", po::value(&options.admin_identity)->default_value(options.admin_identity),
      "login of the administrator");
  add("admin-secret", po::value(&options.admin_secret)->default_value(options.admin_secret),
      "password of the administrator");
  add("user-secret", po::value(&options.user_secret)->default_value(options.user_secret),
      "password of everybody else");
  add("access-life", po::value(&numbers.access)->default_value(options.access_life.count()),
      "seconds an access token lives");
  add("refresh-life", po::value(&numbers.refresh)->default_value(options.refresh_life.count()),
      "seconds a refresh token lives");
  add("faults", po::value<std::string>(), "fault script, a JSON file");
  add("set", po::value<std::vector<std::string>>()->composing(), "switch=value, see --switches");
  return all;
}

void expect_between(const char* option, std::int64_t least, std::int64_t most, std::int64_t given) {
  if (given < least || given > most)
    throw po::error(std::string(option) + " takes a number from " + std::to_string(least) + " to " +
                    std::to_string(most) + ", not " + std::to_string(given));
}

void take_numbers(const Numbers& numbers, Options& options) {
  constexpr std::int64_t last_port = 65535, longest_life = 1'000'000'000;
  const auto platforms = static_cast<std::int64_t>(std::max<std::size_t>(options.platforms.size(), 1));
  expect_between("--users", 0, 50'000'000, numbers.users);
  expect_between("--port", 0, last_port - platforms + 1, options.port);
  expect_between("--access-life", 1, longest_life, numbers.access);
  expect_between("--refresh-life", 1, longest_life, numbers.refresh);
  options.users = static_cast<std::size_t>(numbers.users);
  options.access_life = std::chrono::seconds(numbers.access);
  options.refresh_life = std::chrono::seconds(numbers.refresh);
}

void read_options(const po::variables_map& given, Options& options) {
  if (given.contains("platform")) options.platforms = given["platform"].as<std::vector<std::string>>();
  if (given.contains("empty")) options.users = 0;
  if (given.contains("load")) options.load = read_file(given["load"].as<std::string>());
  if (given.contains("epoch")) options.epoch = given["epoch"].as<std::string>();
  if (!given.contains("set")) return;
  for (const std::string& one : given["set"].as<std::vector<std::string>>()) {
    const std::size_t equals = one.find('=');
    if (equals == std::string::npos) throw std::invalid_argument("--set takes switch=value, not " + one);
    options.switches.set(one.substr(0, equals), one.substr(equals + 1));
  }
}

void list_switches() {
  for (const auto& one : usher::sandbox::all_switches())
    std::cout << one.name << '=' << one.standard << "\n    " << one.meaning << '\n';
}

/// The manual page, in roff. Boost pads its list of options with spaces; the page is made of the same table.
void print_manual(const po::options_description& all) {
  std::cout
      << ".TH USHER-SANDBOX 1 2026-11-26 \"usher\" \"Usher manual\"\n.SH NAME\n"
         "usher\\-sandbox \\- platforms played on this machine, to try usher on\n.SH SYNOPSIS\n"
         ".B usher\\-sandbox\n[OPTION]...\n.SH DESCRIPTION\n"
         "Plays platforms on the loopback interface, with faults on request, until it is stopped. It holds "
         "no real data.\n.SH OPTIONS\n";
  for (const auto& option : all.options()) {
    std::string name = option->format_name();
    if (const std::string value = option->format_parameter(); !value.empty()) name += " " + value;
    std::string escaped;
    for (const char c : name) escaped += c == '-' ? std::string("\\-") : std::string(1, c);
    std::cout << ".TP\n.B " << escaped << '\n' << option->description() << '\n';
  }
  std::cout << ".SH SEE ALSO\n.BR usher (1)\n";
}

int run(int argc, char** argv) {
  Options options;
  Numbers numbers;
  const auto all = described(options, numbers);
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, all), given);
  po::notify(given);
  if (given.contains("help")) return std::cout << all, 0;
  if (given.contains("manual")) return print_manual(all), 0;
  if (given.contains("switches")) return list_switches(), 0;
  take_numbers(numbers, options);
  read_options(given, options);

  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before the threads start, so that they inherit it

  Server server(options);
  if (given.contains("faults"))
    server.set_faults(nlohmann::json::parse(read_file(given["faults"].as<std::string>())));
  for (const std::string& platform : options.platforms)
    std::cout << platform << ' ' << server.url(platform) << '\n';
  std::cout << std::flush;
  if (given.contains("port-file")) write_ports(given["port-file"].as<std::string>(), server, options);
  int signal = 0;
  sigwait(&ends, &signal);
  server.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const po::error& error) {
    std::cerr << "usher-sandbox: " << error.what() << "; usher-sandbox --help lists the options\n";
    return 64;
  } catch (const std::exception& error) {
    std::cerr << "usher-sandbox: " << error.what() << '\n';
    return 1;
  }
}
