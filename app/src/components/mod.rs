//! The pieces that pages are made of. All are drawn on the server and need no script.

mod alert;
mod code;
mod empty;
pub mod escape;
mod field;
mod grant;
mod id;
mod layout;
mod nav;
mod next;
mod page;
mod plan;
mod points;
mod requests;
mod runs;
mod script;
mod status;
mod table;
mod text_area;
mod time;

pub use alert::{Alert, ErrorCode, Sentences};
pub use code::Code;
pub use empty::Empty;
pub use field::{CheckField, PostForm, SelectField, TextField, TimeField};
pub use grant::grant_words;
pub use id::Id;
pub use layout::{Frame, Layout};
pub use next::{plan_again, somebody_can};
pub use page::{ErrorPage, PageHead, page};
pub use plan::{PlanDuration, PlanFacts, PlanHead, PlanLink, Procedure};
pub use points::{PointTable, point_columns};
pub use requests::{RequestTable, opening, request_columns};
pub use runs::{RunTable, begins, run_columns, waits_for};
pub use script::Script;
pub use status::{
    Status, Tone, consistency_tone, outcome_tone, point_status, request_status, risk_tone, run_status, vm_status,
};
pub use table::Table;
pub use text_area::TextArea;
pub use time::Time;
