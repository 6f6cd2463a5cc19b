//! The sentences that can stand on top of a page after something was done. The address carries only the key, so a
//! crafted link can show one of these and nothing else.

macro_rules! notices {
    ($($name:ident $key:literal $sentence:literal;)*) => {
        /// A sentence after something was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Notice {
            $(#[doc = $sentence] $name,)*
        }

        impl Notice {
            /// The name in the address.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)*
                }
            }

            /// The notice with this [`Notice::key`].
            pub fn from_key(key: &str) -> Option<Self> {
                match key {
                    $($key => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// What a person reads.
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)*
                }
            }
        }
    };
}

notices! {
    PolicyAssigned "policy-assigned" "The machine's protection policy is changed. It holds from the next backup on.";
    PolicySaved "policy-saved" "The protection policy is saved.";
    TeamSet "team-set" "The machine's team is changed.";
    BackupStarted "backup-started" "The backup was started. This page follows it.";
    Verified "verified" "All stored disks were read back now and their hashes match.";
    VerifyFailed "verify-failed" "The stored copy does not match. The recovery point is not offered for restore any more.";
    RestoreRequested "restore-requested" "The request is made.";
    ChangeRequested "change-requested" "Nothing is changed yet. The change is requested: it is made once enough people have approved it.";
    Approved "approved" "Your approval is recorded, for exactly what is shown here.";
    ApprovalVoid "approval-void" "Your approval is recorded, but nothing was changed: something else had changed since this was requested.";
    Vetoed "vetoed" "Your veto is recorded. What was requested will not be done.";
    Withdrawn "withdrawn" "The request is withdrawn.";
    Cancelling "cancelling" "The run stops at the next safe place and undoes what it did.";
    Committing "committing" "The restored disks are kept; the replaced files are being removed.";
    RollingBack "rolling-back" "The replaced disks are being put back.";
    Settled "settled" "Your decision is recorded; the run carries on from there.";
    Enrolled "enrolled" "The Manager is enrolled and its estate was discovered.";
    Refreshed "refreshed" "The estate was discovered anew.";
    RehearsedEqual "rehearsed-equal" "The script was rehearsed: what it made is equal to the original.";
    RehearsedDifferent "rehearsed-different" "The script was rehearsed: what it made differs from the original. The differences stand below.";
    KeyShown "key-shown" "The host has shown its key. Compare it with the fingerprint read on the host itself.";
    AccessSet "access-set" "The server can be reached; its host key is pinned.";
    TeamCreated "team-created" "The team is created.";
    UserCreated "user-created" "The account is created. Hand the password over on a safe way; it is not shown again.";
    RolesChanged "roles-changed" "The roles are changed. They hold from the next click of that user on.";
    UserDisabled "user-disabled" "The account is disabled; its sessions have ended.";
    UserEnabled "user-enabled" "The account is enabled.";
    PasswordSet "password-set" "The new password holds; all sessions of the account have ended. Hand it over on a safe way; it is not shown again.";
    PasswordChanged "password-changed" "Your password is changed; your other sessions have ended.";
}
