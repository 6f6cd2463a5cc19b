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
    PolicyAssigned "policy-assigned" "Protection policy changed. It applies from the next backup.";
    PolicySaved "policy-saved" "Protection policy saved.";
    TeamSet "team-set" "Team changed.";
    BackupStarted "backup-started" "Backup started. This page shows its progress.";
    Verified "verified" "Integrity check passed: all stored disks match their hashes.";
    VerifyFailed "verify-failed" "Integrity check failed: the stored data does not match its hashes. This recovery \
        point is no longer offered for restore.";
    RestoreRequested "restore-requested" "Restore requested.";
    ChangeRequested "change-requested" "Nothing is changed yet. The change is requested and takes effect once enough people \
        have approved it.";
    Approved "approved" "Your approval is recorded, for exactly what is shown here.";
    ApprovalVoid "approval-void" "Your approval is recorded, but nothing was changed. The audit trail says why.";
    Vetoed "vetoed" "Your veto is recorded. What was requested will not be done.";
    Withdrawn "withdrawn" "Request withdrawn.";
    Cancelling "cancelling" "Cancelling: the run stops at the next safe point and undoes what it did.";
    Committing "committing" "Restore committed. The replaced files are being removed.";
    RollingBack "rolling-back" "Rolling back. What the run did is being undone.";
    Confirmed "confirmed" "Your confirmation is recorded; the run continues.";
    Settled "settled" "Your decision is recorded; the run continues.";
    Enrolled "enrolled" "Manager enrolled and its estate discovered.";
    Refreshed "refreshed" "Estate refreshed.";
    RehearsedEqual "rehearsed-equal" "Rehearsal finished: the result matches the original.";
    RehearsedDifferent "rehearsed-different" "Rehearsal finished: the result differs from the original. See the \
        differences below.";
    KeyShown "key-shown" "The host presented its key. Compare it with the fingerprint read on the host itself.";
    AccessSet "access-set" "Server connected; its host key is pinned.";
    TargetAdded "target-added" "Backup target added. Backups go there once a protection policy names it.";
    TargetChecked "target-checked" "The check passed: its password opens the backup target.";
    TeamCreated "team-created" "Team created.";
    UserCreated "user-created" "Account created. Pass the password on securely; it is not shown again.";
    RolesChanged "roles-changed" "Roles changed. They apply from this user’s next request.";
    UserDisabled "user-disabled" "Account disabled; its sessions have ended.";
    UserEnabled "user-enabled" "Account enabled.";
    PasswordSet "password-set" "Password reset; all sessions of the account have ended. Pass the new password on \
        securely; it is not shown again.";
    PasswordChanged "password-changed" "Password changed; your other sessions have ended.";
}
