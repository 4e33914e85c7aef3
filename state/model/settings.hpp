#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher {

/// Where a setting stands in the configuration.
struct SourceLocation {
  std::string file;
  int line = 0;    ///< from 1; 0: unknown
  int column = 0;  ///< from 1
  /// "usher.yaml:12:5"
  std::string to_string() const;
};

/// Text that must not be shown: it has no conversion to std::string that happens by accident and prints as
/// stars.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  /// The text itself; for the request that needs it, nowhere else.
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

/// One option of a platform as configured: a plain text, or a secret that was resolved from ${env:…} and the
/// like.
struct Setting {
  std::string text;  ///< empty when secret
  Secret secret;
  bool is_secret = false;
  bool pending =
      false;  ///< a secret that was not asked for (validate without secrets): judge it only by its name
  std::vector<Secret> parts = {};  ///< what each reference in it stood for
  SourceLocation place;

  const std::string& value() const { return is_secret ? secret.reveal() : text; }
};

/// A platform as configured, without the keys the configuration itself understands (connector).
struct Settings {
  std::string platform;                    ///< its name in the configuration
  std::string connector;                   ///< "csv", "acme"
  std::string directory;                   ///< where relative paths start: the configuration's folder
  std::map<std::string, Setting> options;  ///< a list is a JSON array of texts
  /// What the rules use of its accounts: paths of attributes, kinds of memberships, "lock" where leavers are
  /// locked. nullopt: everything.
  std::optional<std::vector<std::string>> needs;
  SourceLocation place;
  SourceLocation connector_place = {};  ///< where the name of the connector stands
};

/// A mistake in the configuration, located; all of them are reported in one go.
struct Diagnostic {
  SourceLocation place;
  std::string message;
  std::string line;  ///< the source line, for a caret; may be empty
};

}  // namespace usher
