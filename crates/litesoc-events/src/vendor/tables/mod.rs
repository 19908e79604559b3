//! One table for each system. Made by `cargo xtask codegen`.

mod auth0;
mod aws_cloudtrail;
mod castle;
mod clerk;
mod django;
mod ecs;
mod fusionauth;
mod github_audit;
mod google_workspace;
mod keycloak;
mod laravel;
mod microsoft_entra;
mod ocsf;
mod okta;
mod owasp_vocabulary;
mod rails_devise;
mod spring_security;
mod stytch;
mod supabase;
mod workos;

use super::{Row, Vendor};

/// The rows of a system, sorted by name, conditional ones first among equal names.
pub(super) fn rows(vendor: Vendor) -> &'static [Row] {
    match vendor {
        Vendor::Auth0 => auth0::ROWS,
        Vendor::AwsCloudtrail => aws_cloudtrail::ROWS,
        Vendor::Castle => castle::ROWS,
        Vendor::Clerk => clerk::ROWS,
        Vendor::Django => django::ROWS,
        Vendor::Ecs => ecs::ROWS,
        Vendor::Fusionauth => fusionauth::ROWS,
        Vendor::GithubAudit => github_audit::ROWS,
        Vendor::GoogleWorkspace => google_workspace::ROWS,
        Vendor::Keycloak => keycloak::ROWS,
        Vendor::Laravel => laravel::ROWS,
        Vendor::MicrosoftEntra => microsoft_entra::ROWS,
        Vendor::Ocsf => ocsf::ROWS,
        Vendor::Okta => okta::ROWS,
        Vendor::OwaspVocabulary => owasp_vocabulary::ROWS,
        Vendor::RailsDevise => rails_devise::ROWS,
        Vendor::SpringSecurity => spring_security::ROWS,
        Vendor::Stytch => stytch::ROWS,
        Vendor::Supabase => supabase::ROWS,
        Vendor::Workos => workos::ROWS,
    }
}
