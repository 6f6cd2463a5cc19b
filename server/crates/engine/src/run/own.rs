//! Which objects of a name are the run's own. Names are not unique: what somebody else has called the same is neither
//! used nor removed.

use super::StepError;
use super::probe::named;
use crate::estate::Reach;
use domain::plan::{Bind, Bindings, Plan};

/// The id that a step of this run has learned for the object that it made.
pub(crate) fn learned(plan: &Plan, bindings: &Bindings, object_type: &str, object_name: &str) -> Option<String> {
    let binds = plan.steps.iter().flat_map(|step| &step.binds);
    let mut ids = binds.filter_map(|bind| match bind {
        Bind::NewObject {
            name,
            object_type: of,
            object_name: called,
        } if of == object_type && called == object_name => bindings.0.get(name).cloned(),
        _ => None,
    });
    ids.next()
}

/// The objects of this name that the run has made: the one that it has learned, or the only one.
///
/// # Errors
/// [`StepError::Failed`] when there are several and nothing tells which is meant.
pub(crate) async fn own(
    reach: &Reach,
    object_type: &str,
    name: &str,
    learned: Option<&str>,
) -> Result<Vec<String>, StepError> {
    let mut ids = named(reach, object_type, name).await?;
    match learned {
        Some(own) => ids.retain(|id| id == own),
        None if ids.len() > 1 => {
            return Err(StepError::failed(format!(
                "There are {} objects of type {object_type} called {name} ({}), and the Manager has not said which of them this run has made. None of them is used or removed. Look at them on the Manager and delete or rename those that are not Holdfast's.",
                ids.len(),
                ids.join(", ")
            )));
        }
        None => {}
    }
    Ok(ids)
}
