//! What cargo knows of the workspace.
