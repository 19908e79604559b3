//! What an enricher makes of files, good and bad.

mod damage;
mod databases;
mod files;
mod lists;
mod mmdb;
mod overrides;
mod score;
