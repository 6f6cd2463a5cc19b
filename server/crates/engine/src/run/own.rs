//! Which objects of a name are the run's own. Names are not unique: what somebody else has called the same is neither
//! used nor removed.

use super::StepError;
use crate::estate::{Reach, ReachError};
use domain::fault::{Fault, MadeFault};
use domain::plan::{Bind, Bindings, Plan};
use ovm::ovmcli::{Command, Item};

/// How `list Vm` of 3.2 ends the name of a template, says its manual.
const ARCHIVE: &str = ".tgz";

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
    let ids = listed(reach, object_type, name, learned).await?;
    match ids.len() {
        0 | 1 => Ok(ids),
        _ => Err(StepError::Failed(Fault::Made {
            object_type: object_type.to_owned(),
            name: name.to_owned(),
            found: MadeFault::Ambiguous { ids },
        })),
    }
}

/// Ids of the objects of a type: the one that was learned, else those of this name. A release may list a template under
/// another name than it was made with; ids are not used again.
pub(crate) async fn listed(
    reach: &Reach,
    object_type: &str,
    name: &str,
    learned: Option<&str>,
) -> Result<Vec<String>, ReachError> {
    let items = reach.ask(&Command::of_type("list", object_type)).await?.items;
    let is_meant = |item: &Item| match learned {
        Some(id) => item.id == id,
        None => item.name.strip_suffix(ARCHIVE).unwrap_or(&item.name) == name,
    };
    Ok(items.into_iter().filter(is_meant).map(|item| item.id).collect())
}
