//! One management call on its way to the worker.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::sync::oneshot;

use super::pending::Pending;
use super::shared::Shared;
use super::worker::{Command, exchange};
use crate::error::Error;
use crate::operation::{Operation, Reply};

type Done = Box<dyn FnOnce(&Shared, Result<Response<Bytes>, Error>) + Send>;

/// A request, and what to do with its answer.
pub(super) struct Call {
    request: Request<Bytes>,
    /// What to try once if the service does not understand the first form.
    older_body: Option<Bytes>,
    limit: Duration,
    done: Done,
}

impl Call {
    /// Hands an operation to the worker.
    pub(super) fn send<O>(
        shared: &Arc<Shared>,
        operation: O,
        limit: Duration,
    ) -> Pending<Result<Reply<O::Output>, Error>>
    where
        O: Operation + Send + 'static,
        O::Output: Send + 'static,
    {
        let (answer, result) = oneshot::channel();
        let submit = || {
            let request = shared.service().call(&operation)?;
            let older_body = operation.older_body();
            let done = Box::new(move |shared: &Shared, response: Result<Response<Bytes>, Error>| {
                let reply = response.and_then(|response| {
                    let plan = shared.note_plan(response.headers());
                    operation.read(&response, shared.now()).map(|value| Reply::new(value, plan))
                });
                // Nobody waits any more: the answer is of no use.
                let _ = answer.send(reply);
            });
            let command = Command::Call(Box::new(Self { request, older_body, limit, done }));
            shared.link()?.commands.send(command).map_err(|_| Error::closed())
        };
        match submit() {
            Ok(()) => Pending::new(result, || Err(Error::closed())),
            Err(error) => Pending::ready(Err(error)),
        }
    }

    /// Makes the call; runs on the worker.
    pub(super) async fn run(self, shared: Arc<Shared>) {
        let Self { request, older_body, limit, done } = self;
        let older = older_body.map(|body| {
            let mut older = request.clone();
            *older.body_mut() = body;
            older
        });
        let transport = &shared.settings.transport;
        let mut answer = exchange(transport, request, limit).await;
        if let (Ok(response), Some(older)) = (&answer, older)
            && response.status() == StatusCode::BAD_REQUEST
        {
            answer = exchange(transport, older, limit).await;
        }
        done(&shared, answer.map_err(Error::from));
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("method", self.request.method())
            .field("uri", self.request.uri())
            .finish()
    }
}
