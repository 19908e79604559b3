//! What an engine is tested with.
