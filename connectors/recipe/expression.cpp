#include "connectors/recipe/expression.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "connectors/canonical.hpp"
#include "connectors/http/url.hpp"

namespace usher::recipe {
namespace {

using nlohmann::json;

struct Name {
  std::string_view name, about;
};

constexpr std::array<Name, static_cast<std::size_t>(Variable::count)> variables{{
    {"config", "the platform's options, with _ for - in names; everywhere"},
    {"account", "{id} of the account a call is about, in calls of credentials also {key}"},
    {"wanted", "the attributes to write, nested as their paths are; of a create and an update"},
    {"active", "whether a new account is to be active; of a create"},
    {"secret", "the secret that usher makes; of a create and where a secret is renewed"},
    {"membership", "{kind, entitlement, details} of the membership a call is about, and its own {id}"},
    {"entitlement", "{id, name, scope} of the one a listing per group is about"},
    {"memberships", "all ids of a kind after the change; where one call sets them all"},
    {"key", "the natural key that is looked for; of find"},
    {"fresh", "the object as just read with get; of calls that change an account"},
    {"token", "the token of a session; of its headers"},
    {"refresh_token", "the token that renews a session; of refresh"},
    {"status", "the status of a reply; of errors and expect"},
    {"headers", "the headers of a reply, names in lower case; of errors and expect"},
    {"body", "the JSON of a reply, or its text where it is none; of errors and expect"},
    {"details", "the details that are asked for; of closure"},
    {"given", "ids of the entitlements that come with a new account, by kind; of a create"},
    {"credential", "{id, name} of the one a call revokes"},
    {"answer", "the reply to the call before; of then and rotate"},
    {"value", "what an attribute is to be; of write-as"},
    {"written", "the attributes as they are sent without body; of the body of a create and an update"},
    {"page", "{position, size} of the page a listing asks for"},
    {"etag", "the ETag of the object as just read with get; of calls that change an account"},
    {"members", "ids of the accounts that a batch is about"},
}};

cel::Type type_of(Variable variable, const cel::Type& config, const cel::Type& wanted) {
  switch (variable) {
    case Variable::config:
      return config;
    case Variable::wanted:
      return wanted;
    case Variable::active:
      return cel::Type::boolean();
    case Variable::secret:
    case Variable::key:
    case Variable::token:
    case Variable::refresh_token:
    case Variable::etag:
      return cel::Type::string();
    case Variable::status:
      return cel::Type::integer();
    case Variable::headers:
      return cel::Type::map(cel::Type::string(), cel::Type::string());
    case Variable::details:
    case Variable::memberships:
    case Variable::members:
      return cel::Type::list(cel::Type::string());
    case Variable::account:
      return cel::Type::object({{"id", cel::Type::string()}, {"key", cel::Type::string()}});
    case Variable::given:
      return cel::Type::map(cel::Type::string(), cel::Type::list(cel::Type::string()));
    case Variable::credential:
      return cel::Type::object({{"id", cel::Type::string()}, {"name", cel::Type::string()}});
    case Variable::entitlement:
      return cel::Type::object(
          {{"id", cel::Type::string()}, {"name", cel::Type::string()}, {"scope", cel::Type::string()}});
    case Variable::membership:
      return cel::Type::object({{"id", cel::Type::string()},
                                {"kind", cel::Type::string()},
                                {"entitlement", cel::Type::string()},
                                {"details", cel::Type::list(cel::Type::string())}});
    case Variable::page:
      return cel::Type::object({{"position", cel::Type::dyn()}, {"size", cel::Type::integer()}});
    default:
      return cel::Type::dyn();
  }
}

bool says_nothing(const json& value) {
  return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty()) ||
         (value.is_structured() && value.empty());
}

}  // namespace

std::string_view to_string(Variable variable) {
  return variables[static_cast<std::size_t>(variable)].name;
}

std::string_view about(Variable variable) {
  return variables[static_cast<std::size_t>(variable)].about;
}

Language::Language(cel::Type config, cel::Type wanted) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto variable = static_cast<Variable>(i);
    slots_[i] = environment_.declare(std::string(variables[i].name), type_of(variable, config, wanted));
  }
}

Scope::Scope(const Language& language) : language_(language), bindings_(language.environment()) {}

Scope::Scope(const Language& language, const json& config) : Scope(language) {
  set(Variable::config, config);
}

Scope& Scope::set(Variable variable, const json& value) {
  const cel::Type& type = language_.type(variable);
  const auto slot = language_.slot(variable);
  if (type.kind() == cel::Kind::object) {
    const std::string_view text = bindings_.arena().copy(value.dump());
    bindings_.set(slot, cel::object_from_json(text, type, bindings_.arena()));
  } else {
    bindings_.set(slot, cel::from_json(value, bindings_.arena()));
  }
  return *this;
}

Scope& Scope::set_text(Variable variable, std::string_view text) {
  bindings_.set(language_.slot(variable), cel::Value::string(bindings_.arena().copy(text)));
  return *this;
}

tl::expected<json, std::string> Expression::evaluate(Scope& scope) const {
  const cel::Value value = program_.evaluate(scope.bindings());
  if (value.is_error()) {
    return tl::unexpected(place_.to_string() + ": " + std::string(value.error_message()) + " in " +
                          program_.source());
  }
  return cel::to_json(value);
}

bool Expression::holds(Scope& scope) const {
  return program_.evaluate(scope.bindings()).is_true();
}

namespace {

// Whether a piece of a path between slashes begins at `at` and is empty, "." or "..": the request would go to
// another address than the one it is meant for.
bool leads_elsewhere(const std::string& target, std::size_t at) {
  const std::size_t path = std::min(target.find('?'), target.size());
  if (at > path) return false;
  const std::size_t begin = at == 0 ? 0 : target.rfind('/', at - 1) + 1;  // npos + 1 is the beginning
  const std::string_view piece(target.data() + begin, std::min(target.find('/', at), path) - begin);
  return piece.empty() || piece == "." || piece == "..";
}

}  // namespace

tl::expected<std::string, std::string> TextTemplate::expand(
    Scope& scope, For use, const std::function<bool(const Expression&)>& hide) const {
  std::string out;
  std::vector<std::pair<std::size_t, const Piece*>> filled;
  for (const Piece& piece : pieces_) {
    if (!piece.expression) {
      out += piece.literal;
      continue;
    }
    if (hide && hide(*piece.expression)) {
      out += "***";
      continue;
    }
    const auto value = piece.expression->evaluate(scope);
    if (!value) return tl::unexpected(value.error());
    if (use == For::path && !piece.path) filled.emplace_back(out.size(), &piece);
    if (value->is_null()) continue;
    std::string text = value->is_string() ? value->get<std::string>() : value->dump();
    if (use == For::path) text = piece.path ? http::encode_path(text) : http::encode(text);
    if (use == For::header && text.find_first_of("\r\n") != std::string::npos) {
      return tl::unexpected(piece.expression->place().to_string() + ": a header cannot hold a line break");
    }
    out += text;
  }
  for (const auto& [at, piece] : filled) {
    if (!leads_elsewhere(out, at)) continue;
    return tl::unexpected(piece->expression->place().to_string() + ": '" +
                          piece->expression->program().source() +
                          "' is empty, '.' or '..' here, and no piece of a path can be that");
  }
  return out;
}

tl::expected<json, std::string> BodyTemplate::evaluate(Scope& scope) const {
  if (leaf) return leaf->evaluate(scope);
  json result = list ? json::array() : json::object();
  for (const Member& member : members) {
    auto value = member.value.evaluate(scope);
    if (member.optional && (!value || says_nothing(*value))) continue;
    if (!value) return value;
    if (list) {
      result.push_back(std::move(*value));
    } else {
      put_at(result, member.name, std::move(*value));
    }
  }
  return result;
}

}  // namespace usher::recipe
