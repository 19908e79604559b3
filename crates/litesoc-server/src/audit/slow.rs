//! Work that may wait for the disk or take long, away from the threads that serve.

use litesoc_audit::Refused;
use tokio::sync::Semaphore;

use super::envelope::Outcome;

/// Places for work that may take long. The threads that do it look up keys too, and must not all be taken by searches.
static SLOW: Semaphore = Semaphore::const_new(4);

/// Does something that may wait for the disk or take long.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Outcome> {
    let place = SLOW.acquire().await.map_err(|closed| Refused::Failed(closed.to_string()))?;
    let work = move || {
        // Held until the work is done, also when its client has gone.
        let _place = place;
        work()
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(error) => Err(Refused::Failed(error.to_string()).into()),
    }
}

pub(super) async fn success(
    work: impl FnOnce() -> Result<String, Refused> + Send + 'static,
) -> Result<Outcome, Outcome> {
    blocking(work).await.map(Outcome::success)
}
