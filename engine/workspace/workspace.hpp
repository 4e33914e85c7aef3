#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "connectors/observer.hpp"
#include "connectors/registry.hpp"
#include "engine/runtime/deadline.hpp"
#include "rules/config.hpp"
#include "rules/rules.hpp"

namespace usher {

/// What every command has in common.
struct CommonOptions {
  std::filesystem::path config = "usher.yaml";
  std::optional<std::filesystem::path> state;  ///< instead of the configuration's
  std::vector<std::string> recipe_folders;  ///< searched before what is beside the configuration and built in
  unsigned threads = 0;                     ///< 0: as many as the machine has
  std::optional<RulesText> rules;           ///< instead of the configuration's own
  std::string
      only;  ///< platforms beside this one and the sources, and their rules, are left out; empty: none are
  bool whole_accounts = false;              ///< accounts are read whole, whatever the rules use of them
  bool tells_guards = false;                ///< plans say how far guards are used: for pictures
  std::chrono::seconds lock_timeout{0};     ///< how long another command on the same state is waited for
  std::shared_ptr<Observer> observer = {};  ///< is told what happens on the way to platforms
  Deadline* deadline = nullptr;             ///< of the command; takes what the configuration says of it
};

/// A configuration with its connectors made and its rules compiled: everything that can be checked offline
/// has been.
struct Workspace {
  std::unique_ptr<const Config> config;  ///< the rest points into it
  std::map<std::string, std::unique_ptr<Connector>> connectors;
  std::optional<Rules> rules;
  std::vector<Diagnostic> warnings;  ///< what is allowed and unwise, sorted by place
};

/// People and accounts that declare everybody on a platform and want nothing: what a configuration with
/// nothing but platforms is read with.
std::string platforms_only(const std::string& platform);

/// The name as CommonOptions::only takes it, for a command that needs no other platform; empty where the
/// configuration has no such platform, or mistakes.
std::string only_if_configured(const CommonOptions& options, const std::string& platform);

/// Where recipes are looked for: the folders of the options, beside the configuration, in recipes/ beside it.
ConnectorContext connector_context(const CommonOptions& options);

/// What the rules use of a platform's accounts, or of a file's columns, as Settings::needs has it; nullopt:
/// all.
std::optional<std::vector<std::string>> needs_of(const Config& config, const std::string& platform,
                                                 bool is_file);

/// Loads all of it; every mistake in one go, sorted by place. No file but the configuration, what its secrets
/// name and recipes is read, and no request leaves.
tl::expected<Workspace, std::vector<Diagnostic>> open_workspace(const CommonOptions& options,
                                                                Secrets secrets);

/// A file on this machine that people are read from.
struct LocalSource {
  std::string platform;
  std::filesystem::path path;
  SourceLocation place;  ///< of the option `path`
};

/// The sources of people that are files, in the order of `people.from`; standard input is none.
std::vector<LocalSource> local_sources(const Workspace& setup);

/// A connector that reads another file of records: with all options of `source` where that is a file, else by
/// the ending of its name (.csv, .json, .ndjson, .yaml). Every mistake in one go.
tl::expected<std::unique_ptr<Connector>, std::vector<Diagnostic>> reader_of_file(
    const Workspace& setup, const std::string& source, const std::filesystem::path& file,
    const ConnectorContext& context);

/// The connector of a platform. Throws CommandError(usage) that names the platforms there are.
Connector& connector_of(const Workspace& setup, const std::string& platform);

/// The mistakes as text, one below the other, with how many there are.
std::string to_string(const std::vector<Diagnostic>& mistakes);

}  // namespace usher
