//! Rules read, refused, matched and remembered, through the public interface alone.

mod correlations;
mod detections;
mod event;
mod faults;
mod hostile;
mod snapshots;
mod writing;
