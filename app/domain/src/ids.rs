//! Identifiers of the things that Holdfast itself keeps. Short random texts, made by the engine; opaque everywhere else.

ovm::opaque_ids! {
    /// An account.
    UserId;
    /// A team: the scope of a role.
    TeamId;
    /// An enrolled Oracle VM Manager.
    ManagerId;
    /// A protection policy.
    PolicyId;
    /// A recovery point.
    PointId;
    /// A job run. Names of everything a run makes in the estate carry it, see [`RunId::tag`].
    RunId;
    /// A request.
    RequestId;
    /// A backup target: the short name that it was given when it was added.
    TargetId;
}

impl RunId {
    /// Prefix of every object and file that this run makes in the estate, so that they are found again there.
    pub fn tag(&self) -> String {
        format!("hf-{}", self.as_str())
    }
}
