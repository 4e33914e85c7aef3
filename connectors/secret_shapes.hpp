#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace usher {

/// Finds what has the well-known shape of a password hash (crypt, Argon2, LDAP, Django, Werkzeug), a token
/// (JSON Web Token, GitHub, GitLab, Slack, Stripe, AWS, Google, npm, Vault), a private key in PEM, or the
/// value of an Authorization header; adds the byte ranges to `found`.
void mark_secret_shapes(std::string_view text, std::vector<std::pair<std::size_t, std::size_t>>& found);

}  // namespace usher
