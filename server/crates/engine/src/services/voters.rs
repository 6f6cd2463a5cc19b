//! Those who have voted on a request, as they are now: a vote counts as long as the voter could cast it again.

use super::accounts::actor_of;
use domain::actor::Actor;
use domain::ids::RequestId;
use domain::request::RestoreRequest;
use store::{StoreError, Tx};

/// A request of the team that its subject has now, and those of its voters who can log in now: what
/// [`RestoreRequest::counted`] asks for. Nobody changes either before the transaction ends.
pub(crate) async fn request_and_voters(
    tx: &Tx,
    id: &RequestId,
) -> Result<Option<(RestoreRequest, Vec<Actor>)>, StoreError> {
    let Some(request) = tx.request(id).await? else {
        return Ok(None);
    };
    let team = tx.subject_team(&request.subject.at()).await?;
    let mut voters = Vec::new();
    for cast in &request.votes {
        let account = tx.user(&cast.user).await?;
        voters.extend(account.filter(|row| !row.disabled).map(actor_of));
    }
    Ok(Some((RestoreRequest { team, ..request }, voters)))
}
